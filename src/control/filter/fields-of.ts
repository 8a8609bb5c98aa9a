import type { Filter } from "./parse.ts";

/** The fields that a filter asks of a call. */
export function fieldsOf(filter: Filter): string[] {
  switch (filter.kind) {
    case "and":
    case "or":
      return [...fieldsOf(filter.left), ...fieldsOf(filter.right)];
    case "not":
      return fieldsOf(filter.of);
    case "text":
      return [];
    case "field":
      return [filter.field];
  }
}
