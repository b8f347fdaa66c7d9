/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "pst-failure.h"

G_BEGIN_DECLS

/* What went wrong with the connection: a sentence, advice, and one button.
 *
 * Signals:
 * - `step (PstFailureStep step)`: the button was pressed
 * - `dismissed ()`: back to the start */
#define PST_TYPE_FAILURE_PAGE (pst_failure_page_get_type ())
G_DECLARE_FINAL_TYPE (PstFailurePage, pst_failure_page, PST, FAILURE_PAGE, AdwBin)

GtkWidget *pst_failure_page_new (void);
void pst_failure_page_set_error (PstFailurePage *self, const GError *error, PstFailureRole role);

G_END_DECLS
