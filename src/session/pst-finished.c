/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-finished.h"

/**
 * pst_finished_fits:
 * @self: what was counted of a list
 * @manifest: (nullable): the files of the finished transfer next to the newest
 *
 * Counts one more finished transfer.
 *
 * Returns: %TRUE if the list keeps it; the newest it always does
 */
gboolean
pst_finished_fits (PstFinished *self, PstManifest *manifest)
{
  self->n++;
  if (manifest != NULL)
    self->bytes += pst_manifest_get_memory_bytes (manifest);

  return self->n == 1 || (self->n <= PST_FINISHED_MAX && self->bytes <= PST_FINISHED_MAX_BYTES);
}
