/** Finds the part of the schema that a place in a file's data is meant for. */
import { z } from "zod";
import type { DataPath } from "../source/locate.ts";
import { policyFile } from "./policy-file.ts";

type Schema = z.core.$ZodType & { description?: string | undefined };

/** The part of the schema that describes what is at `path`. */
export function schemaAt(path: DataPath, data: unknown): Schema | null {
  let at: z.core.$ZodType | undefined = policyFile;
  let value = data;
  for (const step of path) {
    const form = formOf(at, value);
    if (form instanceof z.ZodObject) at = form.shape[String(step)];
    else if (form instanceof z.ZodRecord) at = form.valueType;
    else if (form instanceof z.ZodArray) at = form.element;
    else return null;
    if (at === undefined) return null;
    value = memberOf(value, step);
  }
  return at;
}

/** Keys that the mapping at `path` can have. */
export function keysAt(path: DataPath, data: unknown): string[] {
  const schema = schemaAt(path, data);
  const form = schema === null ? null : formOf(schema, valueIn(data, path));
  return form instanceof z.ZodObject ? Object.keys(form.shape) : [];
}

/** Which of several forms what is at `path` was meant to have: its index. */
export function branchFor(path: DataPath, data: unknown): number {
  const schema = schemaAt(path, data);
  const union = schema === null ? null : unwrapped(schema);
  return union instanceof z.ZodUnion ? meantOf(union.options, valueIn(data, path)) : 0;
}

/** The schema without wrappers, and of several forms the one meant. */
function formOf(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
  const at = unwrapped(schema);
  if (!(at instanceof z.ZodUnion)) return at;
  const meant = at.options[meantOf(at.options, value)];
  return meant === undefined ? at : formOf(meant, value);
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  let at = schema;
  while (at instanceof z.ZodOptional || at instanceof z.ZodDefault || at instanceof z.ZodLazy)
    at = at.unwrap();
  return at;
}

function meantOf(options: readonly z.core.$ZodType[], value: unknown): number {
  let best = 0;
  let most = -1;
  for (const [i, option] of options.entries()) {
    const fit = fitOf(unwrapped(option), value);
    if (fit > most) [best, most] = [i, fit];
  }
  return best;
}

/** How well a value fits a form: by its keys, or by what it is. */
function fitOf(form: z.core.$ZodType, value: unknown): number {
  if (typeof value === "object" && value !== null) {
    if (Array.isArray(value)) return form instanceof z.ZodArray ? 1 : -1;
    if (!(form instanceof z.ZodObject)) return form instanceof z.ZodRecord ? 0 : -1;
    return Object.keys(value).filter((key) => Object.hasOwn(form.shape, key)).length;
  }
  const wanted = typeof value === "number" ? z.ZodNumber : z.ZodString;
  return form instanceof wanted ? 1 : -1;
}

function valueIn(data: unknown, path: DataPath): unknown {
  return path.reduce<unknown>(memberOf, data);
}

function memberOf(value: unknown, step: string | number): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, step)
    ? Reflect.get(value, step)
    : undefined;
}
