// Shows /openapi.json with Swagger UI, gives its headings addresses, and lists them.
/* global SwaggerUIBundle */
import { listenToTheme } from "../static/page/theme-switch.js";

const slug = (text) =>
  text
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");

/** The headings of the text and the groups of operations, each with an id. */
function headings() {
  const found = document.querySelectorAll(".info .description :is(h1, h2), .opblock-tag, section.models h4");
  return [...found].map((heading) => {
    const text = heading.dataset.tag ?? heading.textContent;
    heading.id ||= slug(text);
    return { id: heading.id, text, level: heading.tagName === "H2" ? 2 : 1 };
  });
}

function listContents() {
  const links = headings().map(({ id, text, level }) => {
    const link = document.createElement("a");
    link.href = `#${id}`;
    link.textContent = text;
    link.className = `level-${level}`;
    return link;
  });
  document.getElementById("contents").replaceChildren(...links);
}

/** The text is drawn after the browser has looked for the address's target; and :target never looks again. */
function goToTarget() {
  document.querySelector(".target")?.classList.remove("target");
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  (target.closest("tr") ?? target).classList.add("target");
  target.scrollIntoView();
}

listenToTheme();
window.addEventListener("hashchange", goToTarget);

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#documentation",
  defaultModelsExpandDepth: 1,
  defaultModelExpandDepth: 3,
  displayRequestDuration: true,
  // A key is kept in this tab only.
  persistAuthorization: false,
  // Else it would ask a public validator about this server.
  validatorUrl: null,
  onComplete: () => {
    listContents();
    goToTarget();
  },
});
