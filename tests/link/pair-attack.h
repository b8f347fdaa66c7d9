/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an attacker does with the insides of a peer of his own. */
#pragma once

#include "peer-pair.h"

G_BEGIN_DECLS

void attacker_withhold_binding (PstPeer *peer);
void attacker_shorten_timeout (PstPeer *peer, guint timeout_ms);
void attacker_end_patience (PstPeer *peer);
gboolean attacker_is_writable (PstPeer *peer);
void attacker_send_frame (PstPeer *peer);
void attacker_send_text (PstPeer *peer);
void attacker_open_channel (PstPeer *peer);

G_END_DECLS
