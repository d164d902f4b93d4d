/** A long list of rows of one height: only those near the eye are there. */

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

const AROUND = 6;

export function VirtualRows<T>({
  items,
  height,
  keyOf,
  row,
  label,
  selected,
  nearEnd,
}: {
  items: readonly T[];
  height: number;
  keyOf: (item: T) => string;
  row: (item: T, index: number) => ComponentChildren;
  label: string;
  selected: number;
  nearEnd: () => void;
}) {
  const self = useRef<HTMLOListElement>(null);
  const [range, setRange] = useState({ from: 0, until: 30 });

  const measure = () => {
    const top = self.current?.getBoundingClientRect().top ?? 0;
    const from = Math.max(0, Math.floor(-top / height) - AROUND);
    const until = Math.ceil((innerHeight - top) / height) + AROUND;
    setRange((old) => (old.from === from && old.until === until ? old : { from, until }));
    if (until >= items.length) nearEnd();
  };
  useLayoutEffect(measure, [items.length, height]);
  useEffect(() => {
    addEventListener("scroll", measure, { passive: true });
    addEventListener("resize", measure);
    return () => {
      removeEventListener("scroll", measure);
      removeEventListener("resize", measure);
    };
  });
  // What the keys have chosen is in sight.
  useLayoutEffect(() => {
    if (selected < 0 || self.current === null) return;
    const top = self.current.getBoundingClientRect().top + selected * height;
    if (top < 0) scrollBy(0, top - height);
    else if (top + height > innerHeight) scrollBy(0, top + 2 * height - innerHeight);
  }, [selected]);

  const from = Math.min(range.from, Math.max(0, items.length - 1));
  return (
    <ol class="rows" aria-label={label} ref={self} style={{ height: `${items.length * height}px` }}>
      {items.slice(from, range.until).map((item, offset) => (
        <li
          key={keyOf(item)}
          aria-setsize={items.length}
          aria-posinset={from + offset + 1}
          style={{ transform: `translateY(${(from + offset) * height}px)`, height: `${height}px` }}
        >
          {row(item, from + offset)}
        </li>
      ))}
    </ol>
  );
}
