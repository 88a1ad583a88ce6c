/** What a value worked out on the host looks like: a capture may have been made, or changed, by anything. */
import type { Derived } from './files.ts';

export type Shape<T extends Derived> = (value: Derived) => value is T;

export const text: Shape<string> = (value) => typeof value === 'string';
export const number: Shape<number> = (value) => typeof value === 'number';
export const boolean: Shape<boolean> = (value) => typeof value === 'boolean';

export function nullable<T extends Derived>(shape: Shape<T>): Shape<T | null> {
  return (value): value is T | null => value === null || shape(value);
}

export function listOf<T extends Derived>(shape: Shape<T>): Shape<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every((element: Derived) => shape(element));
}

export function object<T extends Readonly<Record<string, Derived>>>(shapes: {
  readonly [K in keyof T]: Shape<T[K]>;
}): Shape<T> {
  return (value): value is T => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const fields = new Map(Object.entries(value));
    return Object.entries(shapes).every(([key, shape]: [string, Shape<Derived>]) => {
      const field = fields.get(key);
      return field !== undefined && shape(field);
    });
  };
}
