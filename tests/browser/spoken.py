"""Which language a page speaks, word for word."""

from typing import Any

from playwright.async_api import Page

# Each text and each name that is heard or read, compared with all words of the other language.
# Where a part says that it is in another one, as a review does, it may be.
FOREIGN = r"""async () => {
  const { EN } = await import('/shared/words/en.js');
  const { FR } = await import('/shared/words/fr.js');
  const html = document.documentElement;
  const [own, other] = html.lang === 'fr' ? [FR, EN] : [EN, FR];
  const texts = (words) => Object.values(words)
    .flatMap((one) => (typeof one === 'string' ? one.split('|') : Object.values(one)));
  const pattern = (text) => new RegExp(
    '^' + text.trim().split(/\{\w+\}/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+') + '$');
  const fits = (patterns) => (text) => patterns.some((one) => one.test(text));
  const hasWords = (text) => /\p{L}{3}/u.test(text.replace(/\{\w+\}/g, ''));
  const isOwn = fits(texts(own).filter(hasWords).map(pattern));
  const isOther = fits(texts(other).filter(hasWords).map(pattern));
  const spoken = [];
  const both = NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT;
  const walker = document.createTreeWalker(document.body, both);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    if (element.closest('[lang]').lang !== html.lang) continue;
    if (node.nodeType === Node.TEXT_NODE) spoken.push(node.data);
    else for (const name of ['aria-label', 'placeholder', 'title', 'alt'])
      if (node.hasAttribute(name)) spoken.push(node.getAttribute(name));
  }
  spoken.push(document.title.split(' · ')[0]);
  return spoken.map((text) => text.trim()).filter((text) => text && isOther(text) && !isOwn(text));
}"""


async def foreign_words(page: Page) -> list[str]:
    """What the page says in the language that it does not speak now."""
    found: list[Any] = await page.evaluate(FOREIGN)
    return [str(one) for one in found]
