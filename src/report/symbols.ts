import type { NotSentCause } from '../tracker/events.js';
import { shortCause } from './causes.js';
import type { Outcome } from './keepalives.js';

interface OutcomeSymbol {
  readonly label: string;
  /** SVG around the point 0,0. */
  readonly shape: string;
}

const notSent = (cause: NotSentCause): string => `not sent: ${shortCause({ cause })}`;

/** Each outcome has its own shape and colour: filled if sent, a cross if it failed, hollow if it was not sent. */
export const SYMBOLS: Readonly<Record<Outcome, OutcomeSymbol>> = {
  sent: { label: 'sent', shape: '<circle r="5.5" class="sent"/>' },
  failed: { label: 'failed', shape: '<path d="M-5-5L5 5M5-5L-5 5" class="failed"/>' },
  gate: { label: notSent('gate'), shape: '<rect x="-5" y="-5" width="10" height="10" class="gate"/>' },
  transport: { label: notSent('transport'), shape: '<path d="M0-6L6 5H-6Z" class="transport"/>' },
  overdue: { label: notSent('overdue'), shape: '<path d="M0 6L6-5H-6Z" class="overdue"/>' },
  pending: {
    label: notSent('pending'),
    shape: '<path d="M0-6.5L6.5 0L0 6.5L-6.5 0Z" class="pending"/>',
  },
  aborted: { label: 'aborted: sender replaced or removed', shape: '<path d="M-6 0H6" class="aborted"/>' },
  unknown: { label: 'outcome not in the log', shape: '<circle r="5" class="unknown"/>' },
};

/** Room to hit a mark with a finger. */
const HIT = '<rect x="-9" y="-11" width="18" height="22" class="hit"/>';

/** What all charts of the page refer to. */
export const DEFINITIONS = `<svg class="definitions" aria-hidden="true">
<pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="8" height="8" class="silence-back"/><rect width="2.5" height="8" class="silence-line"/></pattern>
<pattern id="missing" width="4" height="4" patternUnits="userSpaceOnUse"><rect width="4" height="4" class="missing-back"/><circle cx="2" cy="2" r="1" class="missing-dot"/></pattern>
${Object.entries(SYMBOLS)
  .map(([outcome, { shape }]) => `<symbol id="k-${outcome}" overflow="visible">${HIT}${shape}</symbol>`)
  .join('\n')}
<symbol id="still-running" overflow="visible"><path d="M-1-5L6 0L-1 5Z" class="still-running"/></symbol>
<symbol id="work-overdue" overflow="visible"><path d="M0-7V7M-4-7H4M-4 7H4" class="overdue-mark"/></symbol>
</svg>`;
