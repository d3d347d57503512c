import type { Json } from "../../api/object.ts";
import { isArray, isObject } from "../same-json.ts";
import { MESSAGES, type FieldType, type Message } from "./messages.ts";

/** The media type in which kubectl sends what it makes from flags. */
export const PROTOBUF = "application/vnd.kubernetes.protobuf";

const MAGIC = Buffer.from("k8s\0");
const TYPE_META: Message = { fields: { 1: ["apiVersion", "string"], 2: ["kind", "string"] } };

/** The JSON of a protobuf body; undefined for a kind, or for fields, that this server does not read in that form. */
export function jsonOfProtobuf(body: Buffer): string | undefined {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  try {
    const envelope = new Map([...fieldsOf(body.subarray(MAGIC.length))].map(({ number, value }) => [number, value]));
    const [type, raw] = [envelope.get(1), envelope.get(2)];
    if (!Buffer.isBuffer(type) || !Buffer.isBuffer(raw)) return undefined;
    const { apiVersion, kind } = objectOf(type, TYPE_META);
    if (typeof apiVersion !== "string" || typeof kind !== "string") return undefined;
    const message = MESSAGES[`${apiVersion}/${kind}`];
    return message && JSON.stringify({ apiVersion, kind, ...objectOf(raw, message) });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

interface WireField {
  readonly number: number;
  readonly value: Buffer | bigint;
}

/** The fields of a message, one after the other. Throws RangeError for bytes that are no message. */
function* fieldsOf(bytes: Buffer): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError("a number without end");
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = tag >>> 3;
    switch (tag & 7) {
      case 0:
        yield { number, value: varint() };
        break;
      case 2: {
        const length = Number(varint());
        if (at + length > bytes.length) throw new RangeError("a field longer than its message");
        yield { number, value: bytes.subarray(at, at + length) };
        at += length;
        break;
      }
      default:
        throw new RangeError("a wire type that no kind here has");
    }
  }
}

/** Throws RangeError for a field that the message does not know, unless it says nothing: no field gets lost in silence. */
function objectOf(bytes: Buffer, { fields }: Message): { readonly [field: string]: Json } {
  const object: Record<string, Json> = {};
  for (const { number, value } of fieldsOf(bytes)) {
    const known = fields[number];
    if (!known) {
      if (value === 0n || (Buffer.isBuffer(value) && value.length === 0)) continue;
      throw new RangeError(`a field that is not known: ${number}`);
    }
    const [name, type] = known;
    const json = valueOf(value, type, object[name]);
    if (json !== undefined) object[name] = json;
  }
  return object;
}

function valueOf(value: Buffer | bigint, type: FieldType, before: Json | undefined): Json | undefined {
  if (type === "ignored") return undefined;
  if (typeof value === "bigint") return type === "bool" ? value !== 0n : type === "int" ? Number(BigInt.asIntN(64, value)) : undefined;
  if (type === "string") return value.toString("utf8");
  if (type === "bytes") return value.toString("base64");
  if (type === "bool" || type === "int") return undefined;
  if ("fields" in type) return objectOf(value, type);
  if ("listOf" in type) {
    const item = type.listOf === "string" ? value.toString("utf8") : objectOf(value, type.listOf);
    return [...(isArray(before) ? before : []), item];
  }
  const { key, entry = "" } = objectOf(value, { fields: { 1: ["key", "string"], 2: ["entry", type.mapOf] } });
  return { ...(isObject(before) ? before : {}), [typeof key === "string" ? key : ""]: entry };
}
