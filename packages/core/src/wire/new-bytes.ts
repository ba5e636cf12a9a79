/** Memory for what arrives; not zeroed, as it is about to be overwritten. */

/** Bytes that have an ArrayBuffer of their own size to themselves. */
export function newBytes(length: number): Uint8Array<ArrayBuffer> {
  if (length >= MANY_PAGES) keepPages()
  return Buffer.allocUnsafeSlow(length) as Uint8Array<ArrayBuffer>
}

/** A small one may share its ArrayBuffer with others. */
export function newBuffer(length: number): Buffer {
  if (length >= MANY_PAGES) keepPages()
  return Buffer.allocUnsafe(length)
}

/** Bytes from which on it matters whether memory has been touched before. */
const MANY_PAGES = 2 ** 16
/** The largest block that glibc learns from (its DEFAULT_MMAP_THRESHOLD_MAX), and room for what is added to it. */
const LARGEST_LESSON = 2 ** 25 - 2 ** 16

let keepsPages = process.platform !== 'linux'

/**
 * Has glibc's `free` keep up to 64 MiB in the process. By default it gives what V8's collector frees back to the system at once, and so each large item would be
 * received into pages that the system has to find and map anew, which takes longer than to copy it: of items of 1 MiB half as many arrive. How much it keeps is
 * twice the largest block that was freed, up to a limit (mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD): so such a block is freed, once, in which nothing was
 * ever touched. Other allocators take no notice.
 */
function keepPages(): void {
  if (keepsPages) return
  keepsPages = true
  try {
    // Garbage at once.
    Buffer.allocUnsafeSlow(LARGEST_LESSON)
  } catch {
    // There is no address space to spare: then none is to be kept.
  }
}
