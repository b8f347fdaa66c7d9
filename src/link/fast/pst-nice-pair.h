/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-nice-target.h"

#include <sys/socket.h>

G_BEGIN_DECLS

typedef struct _PstNicePair PstNicePair;

PstNicePair *pst_nice_pair_new (const PstNiceTarget *target, GMainContext *wake);
void pst_nice_pair_free (PstNicePair *self);

guint pst_nice_pair_get_serial (PstNicePair *self);
gboolean pst_nice_pair_is_selected (PstNicePair *self);
int pst_nice_pair_open (PstNicePair *self, struct sockaddr_storage *remote, socklen_t *length);
gboolean pst_nice_pair_is_remote (PstNicePair *self, const struct sockaddr *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstNicePair, pst_nice_pair_free)

G_END_DECLS
