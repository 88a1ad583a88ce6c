/** Shorthands that requests and answers are declared with. */
import { Type, type TSchema } from '@sinclair/typebox';

export const closed = { additionalProperties: false } as const;

export const literals = <const T extends readonly string[]>(
  values: T,
  options: { description?: string; default?: T[number] } = {},
) => Type.Unsafe<T[number]>({ type: 'string', enum: values, ...options });

export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
