/** Beside a case: other cases of the queue that may be about the same happening. */

import type { Case } from "../api/client";
import { others } from "../clusters";
import { places } from "../live";
import { to } from "../route";
import { GradeTag } from "./parts";
import { Said } from "./Words";

const SHOWN = 8;

export function Alike({ one }: { one: Case }) {
  const found = others(one, places.value);
  if (found === null) return null;
  return (
    <section>
      <h2>May be about the same</h2>
      <p class="small">
        They name <Said text={found.place} /> within three hours. Each is a person who waits for an answer.
      </p>
      <ul class="alike">
        {found.cases.slice(0, SHOWN).map((other) => (
          <li key={other.case_id}>
            <a href={to.case(other.case_id)}>{other.reference}</a> <GradeTag grade={other.grade} />
            <br />
            <span class="small">
              {other.owner === null ? "" : `With ${other.owner.name}. `}
              <Said text={other.preview} />
            </span>
          </li>
        ))}
      </ul>
      {found.cases.length > SHOWN && <p class="small">And {found.cases.length - SHOWN} more in the queue.</p>}
    </section>
  );
}
