// Everything a person reads that is not an error: labels, steps, questions, reports. Keyed, typed, no logic beyond wording.
export const words = {};
