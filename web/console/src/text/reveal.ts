/** Text that strangers wrote, taken apart so that it can be shown as text nodes alone and hides nothing. */

export type Piece =
  | { kind: "text" | "mark"; text: string }
  | { kind: "hidden"; text: string; name: string }
  | { kind: "link"; text: string; url: string };

const NAMES: Readonly<Record<number, string>> = {
  0x00ad: "soft hyphen",
  0x034f: "grapheme joiner",
  0x061c: "Arabic letter mark",
  0x115f: "Hangul filler",
  0x1160: "Hangul filler",
  0x180e: "Mongolian vowel separator",
  0x200b: "zero-width space",
  0x200c: "zero-width non-joiner",
  0x200d: "zero-width joiner",
  0x200e: "left-to-right mark",
  0x200f: "right-to-left mark",
  0x202a: "left-to-right embedding",
  0x202b: "right-to-left embedding",
  0x202c: "end of direction",
  0x202d: "left-to-right override",
  0x202e: "right-to-left override",
  0x2060: "word joiner",
  0x2066: "left-to-right isolate",
  0x2067: "right-to-left isolate",
  0x2068: "first strong isolate",
  0x2069: "end of isolate",
  0x3164: "Hangul filler",
  0xfeff: "zero-width no-break space",
  0xffa0: "Hangul filler",
  0xfffc: "object replacement",
};

// The joiner inside an emoji of several people is how that emoji is spelt; anywhere else it hides.
const EMOJI_JOINER = /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})/u;
const HIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffc\u{e0000}-\u{e0fff}]/u;
const HIDDEN_RUN = new RegExp(`(?:${EMOJI_JOINER.source})|(${HIDDEN.source})`, "gu");
const LINK = /\bhttps?:\/\/[^\s<>"“”]+[^\s<>"“”.,;:!?)\]}'’]|\bwww\.[^\s<>"“”]+[^\s<>"“”.,;:!?)\]}'’]/giu;

/** The pieces of a text, in order: what its reader sees, what hides in it, links that lead nowhere yet, and what fired. */
export function reveal(text: string, fired: readonly string[] = []): Piece[] {
  return between(text.replace(/\r\n?/g, "\n"), HIDDEN_RUN, (found) => {
    const sign = found[1];
    if (sign === undefined) return null;
    const code = sign.codePointAt(0) ?? 0;
    return { kind: "hidden", text: label(code), name: NAMES[code] ?? "hidden character" };
  }).flatMap((piece) => (piece.kind === "text" ? visible(piece.text, fired) : [piece]));
}

/** A text on one line, for lists: the same with nothing that leads anywhere. */
export function plainly(text: string): string {
  return reveal(text)
    .map((piece) => (piece.kind === "hidden" ? `[${piece.text}]` : piece.text))
    .join("")
    .replace(/\s+/g, " ");
}

function visible(text: string, fired: readonly string[]): Piece[] {
  return between(text, LINK, (found) => ({
    kind: "link",
    text: found[0],
    url: /^https?:/i.test(found[0]) ? found[0] : `https://${found[0]}`,
  })).flatMap((piece) => (piece.kind === "text" ? marked(piece.text, fired) : [piece]));
}

function marked(text: string, fired: readonly string[]): Piece[] {
  const words = fired
    .map((word) => word.trim())
    .filter((word) => word.length > 1)
    .sort((one, other) => other.length - one.length)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+").replace(/['’]/g, "['’]"));
  if (words.length === 0) return [{ kind: "text", text }];
  const any = new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.join("|")})(?![\\p{L}\\p{N}])`, "giu");
  return between(text, any, (found) => ({ kind: "mark", text: found[0] }));
}

function between(text: string, pattern: RegExp, piece: (found: RegExpExecArray) => Piece | null): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const found of text.matchAll(pattern)) {
    const made = piece(found);
    if (made === null) continue;
    if (found.index > end) pieces.push({ kind: "text", text: text.slice(end, found.index) });
    pieces.push(made);
    end = found.index + found[0].length;
  }
  if (end < text.length) pieces.push({ kind: "text", text: text.slice(end) });
  return pieces;
}

function label(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
