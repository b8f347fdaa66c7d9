/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-scan-read.h"

G_BEGIN_DECLS

/* A person needs a good second to hold a code still: eight looks in it are
 * plenty, and leave most of a core to the rest of the machine. */
#define PST_SCANNER_MAX_PER_SECOND 8

/* Looks for codes in the pictures of a camera, in a worker.
 *
 * Signals, in the thread that made the scanner:
 * - `scanned (PstScanOutcome outcome, const char *text)`: one picture was read;
 *   text is NULL unless the outcome is PST_SCAN_FOUND */
#define PST_TYPE_SCANNER (pst_scanner_get_type ())
G_DECLARE_FINAL_TYPE (PstScanner, pst_scanner, PST, SCANNER, GObject)

PstScanner *pst_scanner_new (void);
gboolean pst_scanner_offer (PstScanner *self, const PstFrame *frame, gint64 now_us);
void pst_scanner_cancel (PstScanner *self);

void pst_scanner_read_file_async (GFile *file,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean pst_scanner_read_file_finish (GAsyncResult *result,
                                       PstScanOutcome *outcome,
                                       char **text,
                                       GError **error);

G_END_DECLS
