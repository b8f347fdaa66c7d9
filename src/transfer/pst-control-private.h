/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-control.h"

G_BEGIN_DECLS

/* What a message may carry beside its kind. */
typedef enum
{
  PST_CONTROL_HAS_ID = 1 << 0,
  PST_CONTROL_HAS_PART = 1 << 1,
  PST_CONTROL_HAS_RANGES = 1 << 2,
  PST_CONTROL_HAS_ENTRY = 1 << 3,
  PST_CONTROL_HAS_PROGRESS = 1 << 4,
  PST_CONTROL_HAS_WINDOW = 1 << 5,
  PST_CONTROL_HAS_DIGEST = 1 << 6,
  PST_CONTROL_HAS_COUNTS = 1 << 7,
  PST_CONTROL_HAS_STAMP = 1 << 8,
  PST_CONTROL_HAS_REASON = 1 << 9,
  PST_CONTROL_HAS_MESSAGE = 1 << 10,
  PST_CONTROL_HAS_NAME = 1 << 11,
  PST_CONTROL_HAS_PAUSED = 1 << 12,
  PST_CONTROL_HAS_PLACE = 1 << 13,
  PST_CONTROL_HAS_MISSING = 1 << 14,
  PST_CONTROL_HAS_AGREES = 1 << 15,
  PST_CONTROL_HAS_HELD = 1 << 16,
  PST_CONTROL_HAS_OFFSET = 1 << 17,
  PST_CONTROL_HAS_CHECKED = 1 << 18,
  PST_CONTROL_HAS_LINK = 1 << 19,
} PstControlMembers;

/* In pst-control-members.c */
gboolean
pst_control_read_members (JsonObject *object, guint has, PstControl *control, GError **error);
void pst_control_write_members (JsonObject *object, guint has, const PstControl *control);

/* In pst-control-lists.c */
gboolean pst_control_read_ranges (JsonObject *object, PstControl *control, GError **error);
void pst_control_write_ranges (JsonObject *object, const PstControl *control);
gboolean pst_control_read_held (JsonObject *object, PstControl *control, GError **error);
void pst_control_write_held (JsonObject *object, const PstControl *control);

/* In pst-control-link.c */
gboolean pst_control_read_most_links (JsonObject *object, PstControl *control, GError **error);
void pst_control_write_most_links (JsonObject *object, const PstControl *control);
gboolean pst_control_read_link (JsonObject *object, PstControl *control, GError **error);
void pst_control_write_link (JsonObject *object, const PstControl *control);

G_END_DECLS
