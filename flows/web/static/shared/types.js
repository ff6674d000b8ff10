// @ts-check
/** What the server sends and takes, as the scripts of several pages know it; `flows/web/*_types.py` has the whole. */

/**
 * @typedef {"accept"|"reject"|"unsure"|"code"|"memo"|"undo"} Action
 *
 * @typedef {Object} Decision As the log has it, or as `provisional` makes it before the log does.
 * @property {number|null} id null while it waits to be sent; `key` then names it.
 * @property {string} [key] @property {boolean} [pending] @property {string} time ISO 8601.
 * @property {string} coder @property {number} version @property {Action} action
 * @property {number|null} suggestion @property {number|null} start @property {number|null} end Code points.
 * @property {string|null} code @property {string} memo @property {number|null} previous
 *
 * @typedef {Object} Turn
 * @property {number} start @property {number} end Code points of the transcript.
 * @property {string} text @property {string} speaker @property {string} role @property {number|null} [started] Seconds.
 *
 * @typedef {Object} Suggestion
 * @property {number} id @property {number} version @property {number} start @property {number} end
 * @property {string} code @property {number} probability 0 to 1. @property {string} model
 * @property {boolean} uncertain Whether no coded interview bears its probability out.
 * @property {{code: string, probability: number}[]} alternatives Most probable first.
 * @property {{text: string, similarity: number, provenance: string}[]} evidence @property {string[]} words
 * @property {Decision|null} decision The coder's own.
 * @property {{coder: string, action: Action, code: string|null}[]} others
 * @property {{says: "same"|"other"|"none", code: string|null, probability: number, model: string}|null} second
 *   What a language model thinks; null where it was not asked, or is not shown.
 *
 * @typedef {Suggestion & {transcript: string, speaker: string|null, started: number|null, context: Turn[],
 *   also: {id: number, start: number, end: number, code: string, probability: number}[], given: string[]}} Item
 *   A suggestion as the queue shows it, with what else is suggested on its passage and what the coder gave it.
 */

export {};
