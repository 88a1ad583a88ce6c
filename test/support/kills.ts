/**
 * How many runs are killed in all, two thirds of them rebuilds: 60 in every `npm test`, more with `BELLWETHER_KILLS=200`,
 * which takes ten minutes.
 */
export function kills(): number {
  const asked = Number(process.env.BELLWETHER_KILLS ?? 60);
  if (!Number.isInteger(asked) || asked < 12)
    throw new Error(`BELLWETHER_KILLS is ${process.env.BELLWETHER_KILLS}: 12 or more`);
  return asked;
}
