/** Words of strangers: text nodes alone, nothing hidden, no link that leads anywhere by itself. */

import { useState } from "preact/hooks";
import { plainly, reveal } from "../text/reveal";
import { Dialog } from "./parts";

const SHOWN_AT_FIRST = 2000;

export function Said({ text }: { text: string }) {
  return <bdi class="said">{plainly(text)}</bdi>;
}

export function Words({ text, fired = [] }: { text: string; fired?: readonly string[] }) {
  const [whole, setWhole] = useState(false);
  const signs = [...text];
  const long = signs.length > SHOWN_AT_FIRST;
  const shown = whole || !long ? text : signs.slice(0, SHOWN_AT_FIRST).join("");
  return (
    <div class="words">
      {shown.split("\n").map((line, number) => (
        <p key={number} dir="auto">
          {line === "" ? "\u00a0" : <Line text={line} fired={fired} />}
        </p>
      ))}
      {long && (
        <button type="button" class="quiet" onClick={() => setWhole(!whole)}>
          {whole ? "Show less" : `Show all ${signs.length.toLocaleString("en-GB")} characters`}
        </button>
      )}
    </div>
  );
}

function Line({ text, fired }: { text: string; fired: readonly string[] }) {
  return (
    <>
      {reveal(text, fired).map((piece, number) => {
        if (piece.kind === "mark") return <mark key={number}>{piece.text}</mark>;
        if (piece.kind === "link") return <Link key={number} text={piece.text} url={piece.url} />;
        if (piece.kind === "hidden")
          return (
            <span key={number} class="hidden-sign" title={piece.name}>
              {piece.text}
            </span>
          );
        return piece.text;
      })}
    </>
  );
}

/** A link that leads nowhere until somebody has read where it leads. */
export function Link({ text, url }: { text: string; url: string }) {
  const [asked, setAsked] = useState(false);
  return (
    <>
      <button type="button" class="inert-link" onClick={() => setAsked(true)}>
        {text}
      </button>
      {asked && <LinkAsked url={url} close={() => setAsked(false)} />}
    </>
  );
}

function LinkAsked({ url, close }: { url: string; close: () => void }) {
  let host = "";
  try {
    host = new URL(url).host;
  } catch {
    host = "";
  }
  return (
    <Dialog title="This link was sent to the desk" close={close}>
      <p>Nobody has checked it. It leads to</p>
      <p class="host">{host === "" ? "no address at all" : host}</p>
      <p class="whole-link">{url}</p>
      {host !== "" && (
        <p>
          <a href={url} target="_blank" rel="noopener noreferrer nofollow" data-first="">
            Open it in a new tab
          </a>
        </p>
      )}
    </Dialog>
  );
}
