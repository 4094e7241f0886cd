import { EDGE, MAX_LONG_TICKS, MAX_TICKS, STEPS } from './axis.js';

/** The page's script: hover, zoom and pan. Without it the page shows everything, unzoomed. */
export const SCRIPT = `
'use strict';
document.documentElement.classList.add('scripted');
const NS = 'http://www.w3.org/2000/svg';
const STEPS = ${JSON.stringify(STEPS)};
const tip = document.body.appendChild(document.createElement('div'));
tip.className = 'tip';
tip.hidden = true;
const texts = new WeakMap();

function make(name, attributes, parent) {
  const element = parent.appendChild(document.createElementNS(NS, name));
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  return element;
}
function textOf(target) {
  const element = target.closest && target.closest('.plot > *');
  if (!element) return undefined;
  const title = element.querySelector(':scope > title');
  if (title) {
    texts.set(element, title.textContent);
    element.setAttribute('aria-label', title.textContent);
    title.remove(); // The browser would show it too.
  }
  return texts.get(element);
}
function showTip(event) {
  const text = textOf(event.target);
  tip.hidden = !text;
  if (!text) return;
  tip.textContent = text;
  const box = tip.getBoundingClientRect();
  const above = event.clientY - box.height - 14;
  tip.style.left = Math.max(4, Math.min(event.clientX + 12, innerWidth - box.width - 4)) + 'px';
  tip.style.top = (above < 4 ? event.clientY + 18 : above) + 'px';
}
function tickLabel(at, step) {
  const text = new Date(at).toISOString().slice(-19);
  return step >= 86400000 ? text.slice(0, 5) : text.slice(6, step >= 60000 ? 11 : step >= 1000 ? 14 : 18);
}

document.addEventListener('pointerdown', (event) => {
  if (!event.target.closest('.chart')) tip.hidden = true;
});

for (const svg of document.querySelectorAll('.chart')) {
  const plot = svg.querySelector('.plot');
  const ticks = svg.querySelector('.ticks');
  const from = +svg.dataset.from;
  const whole = +svg.dataset.to - from;
  const height = +svg.dataset.height;
  let [low, high] = [0, 1];

  function zoom(a, b) {
    const size = Math.min(1, Math.max(b - a, Math.min(1, 10 / whole)));
    low = Math.min(Math.max(0, a), 1 - size);
    high = low + size;
    plot.setAttribute('x', (-low / size) * 100 + '%');
    plot.setAttribute('width', 100 / size + '%');
    ticks.replaceChildren();
    const start = from + low * whole;
    const span = size * whole;
    const step = STEPS.find((ms) => span / ms <= (ms < 1000 ? ${MAX_LONG_TICKS} : ${MAX_TICKS})) || span;
    for (let at = Math.ceil(start / step) * step; at <= start + span; at += step) {
      const share = (at - start) / span;
      const x = share * 100 + '%';
      make('line', { x1: x, x2: x, y1: 16, y2: height }, ticks);
      if (share >= ${EDGE} && share <= 1 - ${EDGE}) make('text', { x, y: 12 }, ticks).textContent = tickLabel(at, step);
    }
  }
  const pan = (share) => zoom(low + share * (high - low), high + share * (high - low));
  const scale = (factor, at = (low + high) / 2) => zoom(at - (at - low) * factor, at + (high - at) * factor);
  const actions = { '+': () => scale(0.5), '=': () => scale(0.5), '-': () => scale(2), 0: () => zoom(0, 1), Escape: () => zoom(0, 1), Home: () => zoom(0, 1), ArrowLeft: () => pan(-0.25), ArrowRight: () => pan(0.25) };
  svg.addEventListener('keydown', (event) => {
    if (!Object.hasOwn(actions, event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    actions[event.key]();
  });
  for (const button of svg.parentElement.querySelectorAll('button')) button.addEventListener('click', () => actions[button.value]());

  const shareAt = (event) => {
    const box = svg.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  let startedAt;
  let selection;
  const endDrag = () => {
    if (selection) selection.remove();
    startedAt = selection = undefined;
  };
  svg.addEventListener('pointerdown', (event) => {
    if (event.button === 0) startedAt = shareAt(event);
    showTip(event);
  });
  svg.addEventListener('pointermove', (event) => {
    showTip(event);
    if (startedAt === undefined) return;
    const now = shareAt(event);
    if (!selection && Math.abs(now - startedAt) * svg.getBoundingClientRect().width < 6) return;
    if (!selection) {
      selection = make('rect', { class: 'selection', y: 16, height }, svg);
      svg.setPointerCapture(event.pointerId);
    }
    selection.setAttribute('x', Math.min(now, startedAt) * 100 + '%');
    selection.setAttribute('width', Math.abs(now - startedAt) * 100 + '%');
  });
  svg.addEventListener('pointerup', (event) => {
    const [a, b] = [startedAt, shareAt(event)];
    const size = high - low;
    if (selection) zoom(low + Math.min(a, b) * size, low + Math.max(a, b) * size);
    endDrag();
  });
  svg.addEventListener('pointercancel', endDrag);
  svg.addEventListener('pointerleave', (event) => {
    // Lifting a finger also fires pointerleave, but the reader still needs the text.
    if (event.pointerType === 'mouse') tip.hidden = true;
  });
  svg.addEventListener('dblclick', () => zoom(0, 1));
}
`;
