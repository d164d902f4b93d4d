import { describe, expect, it } from "vitest";
import { plainly, reveal } from "./reveal";

describe("what a stranger wrote", () => {
  it("is all there, in order", () => {
    const text = "Help <b>me</b> & see https://example.org/a?b=c, now";
    expect(reveal(text).map((piece) => piece.text).join("")).toBe(text);
  });

  it.each([
    ["\u202e", "U+202E", "right-to-left override"],
    ["\u200b", "U+200B", "zero-width space"],
    ["\u2066", "U+2066", "left-to-right isolate"],
    ["\ufeff", "U+FEFF", "zero-width no-break space"],
    ["\u0000", "U+0000", "hidden character"],
    ["\u{e0041}", "U+E0041", "hidden character"],
    ["\u2028", "U+2028", "hidden character"],
  ])("shows what hides in it (%#)", (sign, text, name) => {
    expect(reveal(`a${sign}b`)).toEqual([
      { kind: "text", text: "a" },
      { kind: "hidden", text, name },
      { kind: "text", text: "b" },
    ]);
  });

  it("leaves families of emoji whole, and shows a joiner between letters", () => {
    expect(reveal("👩‍👩‍👧")).toEqual([{ kind: "text", text: "👩‍👩‍👧" }]);
    expect(reveal("a\u200db").map((piece) => piece.kind)).toEqual(["text", "hidden", "text"]);
  });

  it("marks what fired wherever it stands as a word, whatever its case and spacing", () => {
    expect(reveal("He has a KNIFE, knives too. A  big knife", ["knife", "big knife"])).toEqual([
      { kind: "text", text: "He has a " },
      { kind: "mark", text: "KNIFE" },
      { kind: "text", text: ", knives too. A  " },
      { kind: "mark", text: "big knife" },
    ]);
    expect(reveal("can’t breathe", ["can't breathe"])).toEqual([{ kind: "mark", text: "can’t breathe" }]);
    expect(reveal("a+b (", ["a+b", "("])).toHaveLength(2);
  });

  it.each(["javascript:alert(1)", "data:text/html,x", "//example.org", "file:///etc/passwd"])(
    "makes no link of %s",
    (text) => expect(reveal(text).some((piece) => piece.kind === "link")).toBe(false),
  );

  it("takes a link without the sentence that it stands in", () => {
    expect(reveal("(see www.example.org/x).")).toEqual([
      { kind: "text", text: "(see " },
      { kind: "link", text: "www.example.org/x", url: "https://www.example.org/x" },
      { kind: "text", text: ")." },
    ]);
  });

  it("is one line in a list", () => {
    expect(plainly("a\n\n b\u202ec")).toBe("a b[U+202E]c");
  });

  it("is quick with sixty kilobytes of emoji", () => {
    const start = performance.now();
    reveal("🚨".repeat(15_000), ["knife"]);
    expect(performance.now() - start).toBeLessThan(200);
  });
});
