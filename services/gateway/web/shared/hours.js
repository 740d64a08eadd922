/** When a shop is open, by its own clock. */

import { region, t } from "./language.js";

const DAY_MIN = 1440;

/**
 * @param {{opening_hours: {weekday: number, opens_minute: number, closes_minute: number}[], time_zone: string}} location
 * @returns {string} `Open until 19:30`, `Closed, opens Monday at 09:30`; empty where no hours are known.
 */
export function openWords({ opening_hours: hours, time_zone: zone }) {
  if (!hours?.length) return "";
  const now = minuteOfWeek(new Date(), zone);
  const spans = hours.map((one) => ({
    starts: (one.weekday - 1) * DAY_MIN + one.opens_minute,
    lasts: one.closes_minute - one.opens_minute,
    weekday: one.weekday,
    ...one,
  }));
  const since = ({ starts }) => mod(now - starts);
  const open = spans.find((one) => since(one) < one.lasts);
  if (open) return t("hours.open", { time: minuteText(open.closes_minute) });
  const next = spans.reduce((best, one) => (mod(one.starts - now) < mod(best.starts - now) ? one : best));
  const today = Math.floor(now / DAY_MIN) + 1;
  const time = minuteText(next.opens_minute);
  return next.weekday === today && next.starts > now
    ? t("hours.today", { time })
    : t("hours.closed", { day: weekdayName(next.weekday), time });
}

function minuteOfWeek(instant, timeZone) {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(instant);
  const of = (type) => parts.find((part) => part.type === type).value;
  const weekday = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(of("weekday"));
  return weekday * DAY_MIN + Number(of("hour")) * 60 + Number(of("minute"));
}

function mod(minutes) {
  const week = 7 * DAY_MIN;
  return ((minutes % week) + week) % week;
}

function minuteText(minute) {
  const time = new Date(Date.UTC(2024, 0, 1, 0, minute));
  return new Intl.DateTimeFormat(region(), { hour: "2-digit", minute: "2-digit", timeZone: "UTC" }).format(time);
}

function weekdayName(weekday) {
  // 1 January 2024 was a Monday.
  return new Intl.DateTimeFormat(region(), { weekday: "long", timeZone: "UTC" }).format(
    new Date(Date.UTC(2024, 0, weekday)),
  );
}
