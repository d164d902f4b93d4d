// Says what is typed, and shows what comes back, once a second.
const who = new URLSearchParams(location.search).get("who");
const trouble = document.getElementById("trouble");
let shown = "";

for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const way = form.closest("section").dataset.way;
    const box = form.querySelector("textarea");
    try {
      const answer = await fetch("/public/say", { method: "POST", body: JSON.stringify({ who, way, text: box.value }) });
      trouble.textContent = answer.ok ? "" : (await answer.json()).message;
      if (answer.ok) box.value = "";
    } catch {
      trouble.textContent = "The stand-ins do not answer.";
    }
    await hear();
  });
}

async function hear() {
  const answer = await fetch(`/public/heard?who=${who}`);
  const text = await answer.text();
  if (text === shown) return;
  shown = text;
  for (const section of document.querySelectorAll("section")) {
    const lines = JSON.parse(text).lines.filter((line) => line.way === section.dataset.way);
    section.querySelector("ol").replaceChildren(
      ...lines.map((line) => {
        const item = document.createElement("li");
        item.textContent = line.text;
        if (line.ours) item.className = "ours";
        return item;
      }),
    );
  }
}

async function goOn() {
  try {
    await hear();
  } catch {
    trouble.textContent = "The stand-ins do not answer.";
  }
  setTimeout(goOn, 1000);
}

void goOn();
