/** Money, quantities, instants and distances as people read them. */

import { region, t } from "./language.js";

const SHOWN_UNITS = {
  piece: { 0: "" },
  millimetre: { 0: "mm", 1: "cm", 3: "m" },
  gram: { 0: "g", 3: "kg" },
  millilitre: { 0: "ml", 1: "cl", 3: "l" },
};
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** @typedef {{minor: number | string, currency: string}} Money */
/** @typedef {{unit: string, step: number, decimals: number}} StockUnit */

/**
 * @param {Money} amount
 * @returns {string} `12,90 €`
 */
export function money(amount) {
  return moneyFormat(amount.currency).format(major(amount));
}

/**
 * The same, in pieces, so that cents can be set smaller.
 * @param {Money} amount
 * @returns {{type: string, value: string}[]}
 */
export function moneyParts(amount) {
  return moneyFormat(amount.currency).formatToParts(major(amount));
}

function moneyFormat(currency) {
  return new Intl.NumberFormat(region(), { style: "currency", currency });
}

function major({ minor, currency }) {
  const digits = moneyFormat(currency).resolvedOptions().maximumFractionDigits;
  return Number(minor) / 10 ** digits;
}

/**
 * What a quantity costs, rounded half up as the order will be.
 * @param {Money} unitPrice Of one stock unit shown.
 * @param {number} quantity In the smallest stock unit.
 * @param {StockUnit} unit
 * @returns {Money}
 */
export function cost(unitPrice, quantity, unit) {
  // BigInt: the largest price times the largest quantity is beyond 2^53.
  const scale = 10n ** BigInt(unit.decimals);
  const doubled = 2n * BigInt(unitPrice.minor) * BigInt(quantity) + scale;
  return { minor: Number(doubled / (2n * scale)), currency: unitPrice.currency };
}

/**
 * @param {StockUnit} unit
 * @returns {string} `m`, `kg`; empty for pieces.
 */
export function unitName(unit) {
  return SHOWN_UNITS[unit.unit]?.[unit.decimals] ?? "";
}

/**
 * @param {number} quantity In the smallest stock unit.
 * @param {StockUnit} unit
 * @returns {string} `2,5 m`, or `3` for pieces.
 */
export function quantity(quantity, unit) {
  const shown = number(quantity / 10 ** unit.decimals, unit.decimals);
  const name = unitName(unit);
  return name ? `${shown}\u00a0${name}` : shown;
}

/**
 * @param {number} value
 * @param {number} [digits] At most this many behind the point.
 * @returns {string}
 */
export function number(value, digits = 3) {
  return new Intl.NumberFormat(region(), { maximumFractionDigits: digits }).format(value);
}

/**
 * @param {string} text As people type it: `2,5` or `2.5`.
 * @returns {number} NaN for what is no number.
 */
export function typedNumber(text) {
  const plain = text.replace(/\s/g, "").replace(",", ".");
  return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : NaN;
}

/**
 * Ties what must not part at the end of a line: a number and its unit, French double punctuation.
 * @param {string} text As somebody wrote it.
 * @returns {string}
 */
export function tied(text) {
  return text
    .replace(/(\d) (?=(?:mm|cm|m|km|g|kg|ml|cl|l|L|V|W|A|Ah|J|Nm|h|min|°C|%|€)(?![\p{L}\d]))/gu, "$1\u00a0")
    .replace(/ (?=[:;?!»])/g, "\u00a0")
    .replace(/« /g, "«\u00a0");
}

/**
 * @param {number} metres
 * @returns {string} `850 m`, `5,3 km`
 */
export function distance(metres) {
  if (metres < 1000) return `${number(Math.round(metres / 10) * 10)}\u00a0m`;
  const km = metres / 1000;
  return `${number(km, km < 10 ? 1 : 0)}\u00a0km`;
}

/**
 * @param {string | Date} instant
 * @param {string} [timeZone] Of the shop.
 * @returns {string} `15:40`
 */
export function clock(instant, timeZone) {
  return dated(instant, { hour: "2-digit", minute: "2-digit", timeZone });
}

/**
 * @param {string | Date} instant
 * @param {string} [timeZone]
 * @returns {string} `today`, `tomorrow`, else `Monday 23 November`
 */
export function day(instant, timeZone) {
  const away = (offset) => dayKey(new Date(Date.now() + offset), timeZone);
  const key = dayKey(new Date(instant), timeZone);
  if (key === away(0)) return t("today");
  if (key === away(DAY_MS)) return t("tomorrow");
  return dated(instant, { weekday: "long", day: "numeric", month: "long", timeZone });
}

/**
 * @param {string | Date} instant
 * @param {string} [timeZone]
 * @returns {string} As `day`, but `Mon 23 Nov` for those further away.
 */
export function shortDay(instant, timeZone) {
  const words = day(instant, timeZone);
  return [t("today"), t("tomorrow")].includes(words)
    ? words
    : dated(instant, { weekday: "short", day: "numeric", month: "short", timeZone });
}

/**
 * @param {string | Date} instant
 * @param {string} [timeZone]
 * @returns {string} Equal for instants of one day there.
 */
export function dayKey(instant, timeZone) {
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeZone }).format(new Date(instant));
}

/**
 * @param {string} instant
 * @returns {string} `21 November 2026`
 */
export function date(instant) {
  return dated(instant, { dateStyle: "long" });
}

/**
 * @param {string} start
 * @param {string} end
 * @param {string} [timeZone]
 * @returns {string} `15:00 – 16:00`
 */
export function span(start, end, timeZone) {
  return `${clock(start, timeZone)} – ${clock(end, timeZone)}`;
}

/**
 * @param {{start_time: string, end_time: string}} slot
 * @param {string} [timeZone]
 * @returns {string} `tomorrow, 15:00 – 16:00`
 */
export function slotWords(slot, timeZone) {
  return `${day(slot.start_time, timeZone)}, ${span(slot.start_time, slot.end_time, timeZone)}`;
}

/**
 * @param {string | Date} instant
 * @returns {number} Whole minutes until then; negative if it is past.
 */
export function minutesUntil(instant) {
  return Math.round((new Date(instant).getTime() - Date.now()) / MINUTE_MS);
}

function dated(instant, options) {
  return new Intl.DateTimeFormat(region(), options).format(new Date(instant));
}
