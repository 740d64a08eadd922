// Made by `make pages` of shared/look.js: 2c9c3dce38c730c69d040593cdb0219e4ecd13ddd7d11ffed549285b933fd8a2

// services/gateway/web/shared/memory.js
function recall(name) {
  return read(window.localStorage, name);
}
function keep(name, value) {
  write(window.localStorage, name, value);
}
function read(storage, name) {
  try {
    return JSON.parse(storage.getItem(`comptoir.${name}`));
  } catch {
    return null;
  }
}
function write(storage, name, value) {
  try {
    if (value === null)
      storage.removeItem(`comptoir.${name}`);
    else
      storage.setItem(`comptoir.${name}`, JSON.stringify(value));
  } catch {
  }
}

// services/gateway/web/shared/look.js
var LOOKS = ["auto", "light", "dark"];
function look() {
  const kept = recall("look");
  return LOOKS.includes(kept) ? kept : "auto";
}
function wear(next) {
  keep("look", next === "auto" ? null : next);
  put();
}
function put() {
  const chosen = look();
  document.documentElement.dataset.look = chosen;
  const tints = [...document.querySelectorAll("meta[name=theme-color][media]")];
  for (const tint of tints)
    tint.dataset.own ??= tint.content;
  const worn = tints.find(({ media }) => media.includes(chosen));
  for (const tint of tints)
    tint.content = (worn ?? tint).dataset.own;
}
put();
window.addEventListener("storage", put);
export {
  LOOKS,
  look,
  wear
};
