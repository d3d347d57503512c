/** Whether a text has the named format. A format that we do not know holds nothing back, as in the API server. */
export function hasFormat(format: string, text: string): boolean {
  return FORMATS[format]?.(text) ?? true;
}

const DATE_TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const GO_DURATION = /^[-+]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/;
const WORD_DURATION = /^\d+\s*(second|minute|hour|day|week)s?$/;
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const EMAIL = /^[^\s@]+@[^\s@]+$/;

const FORMATS: Readonly<Record<string, ((text: string) => boolean) | undefined>> = {
  "date-time": (text) => DATE_TIME.test(text) && !Number.isNaN(Date.parse(text)),
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)),
  duration: (text) => GO_DURATION.test(text) || WORD_DURATION.test(text),
  uuid: (text) => UUID.test(text),
  email: (text) => EMAIL.test(text),
  uri: (text) => URL.canParse(text),
  byte: (text) => /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0,
};

const INT32 = 2 ** 31;

/** Whether a whole number fits the named format (int32, int64). */
export function fitsInteger(format: string, value: number): boolean {
  return format !== "int32" || (value >= -INT32 && value < INT32);
}
