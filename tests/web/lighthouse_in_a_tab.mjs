/**
 * Lighthouse's reports of pages that only a signed-in tab shows: each is loaded anew in that very tab, whose memory holds the
 * sign-in. Told by its arguments: the folder of the npm package, the browser's port, the tab's origin, where the reports go, and
 * the pages.
 */

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [lighthouse, port, origin, folder, ...pages] = process.argv.slice(2);
const inPackage = createRequire(join(lighthouse, "package.json"));
const { navigation } = await import(pathToFileURL(inPackage.resolve("lighthouse")).href);
const { default: puppeteer } = await import(pathToFileURL(inPackage.resolve("puppeteer-core")).href);

const browser = await puppeteer.connect({ browserURL: `http://127.0.0.1:${port}`, defaultViewport: null });
const tab = (await browser.pages()).find((one) => one.url().startsWith(origin));
const flags = {
  disableStorageReset: true,
  onlyCategories: ["accessibility", "best-practices"],
  // The screen always has a question on its way: there is no silence to wait for.
  maxWaitForLoad: 12_000,
};
for (const [number, page] of pages.entries()) {
  const { lhr } = await navigation(tab, page, { flags });
  console.log(`${page}: ${lhr.timing.total} ms`);
  writeFileSync(join(folder, `${number}.json`), JSON.stringify(lhr));
}
await browser.disconnect();
