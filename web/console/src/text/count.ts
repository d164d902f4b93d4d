/** How long a reply is by the counting of its channel; the desk itself has the last word when it is sent. */

export type Counting = "characters" | "units" | "bytes" | "x";

const ENCODER = new TextEncoder();
const ADDRESS = /\bhttps?:\/\/[^\s<>"“”]+|(?<![@\w.-])(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}{2,24}(?![\w-]|\.\w)(?:\/[^\s<>"“”]*)?/giu;
const ADDRESS_WEIGHT = 23;
const EMOJI = /\p{RI}{2}|[0-9#*]\ufe0f?\u20e3|\p{Extended_Pictographic}(?:\ufe0f|\p{EMod})?(?:\u200d\p{Extended_Pictographic}(?:\ufe0f|\p{EMod})?)*/gu;
const LIGHT: readonly (readonly [number, number])[] = [
  [0, 4351],
  [8192, 8205],
  [8208, 8223],
  [8242, 8247],
];

export function count(text: string, counting: Counting): number {
  switch (counting) {
    case "characters":
      return [...text].length;
    case "units":
      return text.length;
    case "bytes":
      return ENCODER.encode(text).length;
    case "x":
      return weight(text);
  }
}

function weight(text: string): number {
  let total = 0;
  const words = text
    .normalize("NFC")
    .replace(ADDRESS, () => {
      total += ADDRESS_WEIGHT;
      return "";
    })
    .replace(EMOJI, () => {
      total += 2;
      return "";
    });
  for (const sign of words) {
    const code = sign.codePointAt(0) ?? 0;
    total += LIGHT.some(([low, high]) => low <= code && code <= high) ? 1 : 2;
  }
  return total;
}
