import type { Json } from "../../api/object.ts";

const QUANTITY = /^(?<number>[+-]?(?:\d+\.?\d*|\.\d+))(?<suffix>[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/;
const BINARY = "KMGTPE";
const DECIMAL: Readonly<Record<string, number>> = { n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 };

/** The number that a resource quantity ("500m", "1Gi", 2) stands for, about; undefined for what is no quantity. */
export function quantityOf(value: Json): number | undefined {
  if (typeof value === "number") return value;
  const { number = "", suffix = "" } = (typeof value === "string" ? QUANTITY.exec(value)?.groups : undefined) ?? {};
  if (number === "") return undefined;
  if (suffix.endsWith("i")) return Number(number) * 1024 ** (BINARY.indexOf(suffix.charAt(0)) + 1);
  return /^[eE]./.test(suffix) ? Number(`${number}${suffix}`) : Number(number) * (DECIMAL[suffix] ?? 1);
}
