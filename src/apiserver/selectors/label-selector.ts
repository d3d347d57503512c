import { badRequest } from "../status-error.ts";

/** Whether an object with these labels is meant. */
export type LabelMatch = (labels: Readonly<Record<string, string>> | undefined) => boolean;

type Requirement = (labels: Readonly<Record<string, string>>) => boolean;

const SET = /^([^\s!=<>,()]+)\s+(in|notin)\s*\(([^()]*)\)$/;
const EQUALITY = /^([^\s!=<>,()]+)\s*(==|=|!=)\s*([^\s!=<>,()]*)$/;
const ORDER = /^([^\s!=<>,()]+)\s*([<>])\s*(-?\d+)$/;
const EXISTENCE = /^(!?)\s*([^\s!=<>,()]+)$/;

/** Parses a label selector: `a=b,c!=d,e in (x,y),f notin (z),g,!h,i>3`. Undefined for an empty one; StatusError 400 for nonsense. */
export function labelSelector(text: string | undefined): LabelMatch | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const requirements = parts(text).map(requirement);
  return (labels = {}) => requirements.every((holds) => holds(labels));
}

/** Splits at the commas that stand outside parentheses. */
function parts(text: string): readonly string[] {
  return text.split(/,(?![^()]*\))/).map((part) => part.trim());
}

function requirement(text: string): Requirement {
  const set = SET.exec(text);
  if (set) return setRequirement(set[1] ?? "", set[2] === "in", new Set((set[3] ?? "").split(",").map((value) => value.trim())));
  const equality = EQUALITY.exec(text);
  if (equality) {
    const [, key = "", operator, value = ""] = equality;
    return operator === "!=" ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const order = ORDER.exec(text);
  if (order) return orderRequirement(order[1] ?? "", order[2] === ">", Number(order[3]));
  const existence = EXISTENCE.exec(text);
  if (!existence) throw badRequest(`unable to parse requirement: found '${text}'`);
  const [, not, key = ""] = existence;
  return not ? (labels) => !Object.hasOwn(labels, key) : (labels) => Object.hasOwn(labels, key);
}

function setRequirement(key: string, inside: boolean, values: ReadonlySet<string>): Requirement {
  return (labels) => {
    const value = labels[key];
    return value === undefined ? !inside : values.has(value) === inside;
  };
}

function orderRequirement(key: string, greater: boolean, bound: number): Requirement {
  return (labels) => {
    const value = labels[key];
    if (value === undefined || !/^-?\d+$/.test(value)) return false;
    return greater ? Number(value) > bound : Number(value) < bound;
  };
}
