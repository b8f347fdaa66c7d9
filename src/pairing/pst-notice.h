/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "pst-hkdf.h"

G_BEGIN_DECLS

/* What a beacon says, and the memory of what was heard: no I/O. */
typedef struct _PstNotices PstNotices;

char *pst_notice_print_question (void);
gboolean pst_notice_is_question (const char *data, gsize size);
char *pst_notice_print (const char *nameplate, guint16 port, const char *id);
char *pst_notice_print_tag (const char *tag, guint16 port, const char *id);
char *pst_notice_make_url (GSocketAddress *source, guint16 port);

PstNotices *pst_notices_new (const char *nameplate);
PstNotices *pst_notices_new_for_device (const guint8 secret[PST_KEY_BYTES], guint64 period);
void pst_notices_free (PstNotices *self);
char *pst_notices_hear (
    PstNotices *self, const char *data, gsize size, GSocketAddress *source, char **id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstNotices, pst_notices_free)

G_END_DECLS
