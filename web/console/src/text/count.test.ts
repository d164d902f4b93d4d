import { expect, it } from "vitest";
import { count } from "./count";

it.each([
  ["", 0, 0, 0, 0],
  ["Help", 4, 4, 4, 4],
  ["Tŷ", 2, 2, 3, 2],
  ["🚨", 1, 2, 4, 2],
  ["👩‍👩‍👧", 5, 8, 18, 2],
  ["警察", 2, 2, 6, 4],
  ["see https://www.example.org/a-very-long-address-indeed", 54, 54, 54, 27],
  ["“quoted”", 8, 8, 12, 8],
])("counts %s as each channel does", (text, characters, units, bytes, x) => {
  expect([count(text, "characters"), count(text, "units"), count(text, "bytes"), count(text, "x")]).toEqual([
    characters,
    units,
    bytes,
    x,
  ]);
});
