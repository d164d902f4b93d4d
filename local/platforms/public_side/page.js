// Says what is typed, and shows what comes back, once a second.
const who = new URLSearchParams(location.search).get("who");
const trouble = document.getElementById("trouble");
const SILENT = "The stand-ins do not answer.";
let shown = "";

for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const way = form.closest("section").dataset.way;
    const box = form.querySelector("textarea");
    const button = form.querySelector("button");
    // Twice pressed is said once, and what is typed meanwhile is the next message.
    if (button.disabled) return;
    button.disabled = true;
    const text = box.value;
    try {
      const answer = await fetch("/public/say", { method: "POST", body: JSON.stringify({ who, way, text }) });
      trouble.textContent = answer.ok ? "" : (await answer.json()).message;
      if (answer.ok && box.value === text) box.value = "";
    } catch {
      trouble.textContent = SILENT;
    }
    button.disabled = false;
    await hear().catch(() => undefined);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
}

async function hear() {
  const answer = await fetch(`/public/heard?who=${who}`);
  if (!answer.ok) throw new Error(SILENT);
  const text = await answer.text();
  if (text === shown) return;
  shown = text;
  for (const section of document.querySelectorAll("section")) {
    const lines = JSON.parse(text).lines.filter((line) => line.way === section.dataset.way);
    section.querySelector("ol").replaceChildren(
      ...lines.map((line) => {
        const item = document.createElement("li");
        const speaker = document.createElement("span");
        speaker.className = "heard";
        speaker.textContent = line.ours ? "The force: " : "You: ";
        item.append(speaker, line.text);
        if (line.ours) item.className = "ours";
        return item;
      }),
    );
  }
}

async function goOn() {
  try {
    await hear();
    if (trouble.textContent === SILENT) trouble.textContent = "";
  } catch {
    trouble.textContent = SILENT;
  }
  setTimeout(goOn, 1000);
}

async function pointOut() {
  const answer = await fetch("/public/places");
  if (!answer.ok) return;
  const places = await answer.json();
  for (const link of document.querySelectorAll("[data-place]")) link.href = places[link.dataset.place];
  document.getElementById("places").hidden = false;
}

void pointOut().catch(() => undefined);
void goOn();
