/**
 * The shapes that /api/v1 answers with, for the type checker.
 *
 * @typedef {"new" | "proposed" | "in_progress" | "submitted" | "approved" | "rejected"} Status
 *
 * @typedef {object} Label
 * @property {number} index
 * @property {string} name
 * @property {string} color "#rrggbb"
 * @property {string | null} hotkey
 * @property {boolean} is_thing
 *
 * @typedef {object} Project
 * @property {number} id
 * @property {string} name
 * @property {string} description
 * @property {string} created_at
 * @property {string} updated_at
 * @property {Label[]} labels
 * @property {string | null} model
 * @property {Record<string, any>} draft_options
 * @property {number} images
 * @property {Partial<Record<Status, number>>} by_status
 * @property {string | null} trashed_at
 *
 * @typedef {object} ImageInfo
 * @property {number} id
 * @property {number} project_id
 * @property {string} name
 * @property {number} width
 * @property {number} height
 * @property {Status} status
 * @property {number} head
 * @property {number | null} proposal
 * @property {Record<string, number>} label_pixels
 * @property {number | null} uncertainty of the draft, 0 to 1
 * @property {string} updated_at
 * @property {string | null} trashed_at
 *
 * @typedef {object} Job
 * @property {string} id
 * @property {string} kind
 * @property {"queued" | "running" | "succeeded" | "failed" | "cancelled"} status
 * @property {boolean} [paused]
 * @property {Progress} progress
 * @property {any} params
 * @property {string | null} [note]
 * @property {any} result
 * @property {{code: string, detail: string} | null} error
 * @property {string} created_at
 * @property {string | null} started_at
 * @property {string | null} finished_at
 *
 * @typedef {object} Progress
 * @property {number} done
 * @property {number} total 0 while it is not known
 * @property {string} unit
 * @property {number} [failed]
 * @property {number | null} [rate] per second
 * @property {number | null} [seconds_left]
 *
 * @typedef {object} Preset
 * @property {string} key
 * @property {string} title
 * @property {Label[]} labels
 *
 * @typedef {object} Stats
 * @property {number} images
 * @property {Partial<Record<Status, number>>} by_status
 * @property {Record<string, number>} label_pixels
 * @property {Record<string, number>} label_share
 * @property {number} void_share
 * @property {number} labelled_images
 * @property {number[]} uncertainty images by the doubt of their drafts, in equal bins from 0 to 1
 */

export {};
