/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The look at what the receiver has from an earlier receipt, before anything flows: first
 * the receiver reads it, then the sender its own files, to compare. Each tells the other
 * how far it is, as neither could know. */
#include "pst-transfer-private.h"

/* Often enough that a bar moves, seldom enough for the slowest line: at 64 kbit/s it is
 * a tenth of it. */
#define TELL_US (250 * G_TIME_SPAN_MILLISECOND)

/* Whether nothing new can flow yet, because one of the sides looks at what was there
 * before. */
gboolean
pst_transfer_is_checking (PstTransfer *self)
{
  GArray *held = self->incoming ? self->in.held : self->out.held;

  if (self->in.checking || self->check.by_them)
    return TRUE;

  return held != NULL && self->n_decided < held->len
         && self->figures.sent_bytes == self->figures.kept_bytes;
}

/* How much of it this side has read. */
static guint64
get_own_bytes (PstTransfer *self)
{
  if (self->in.checking)
    return pst_sink_get_looked (self->in.sink, &self->check.total_bytes);
  if (self->incoming)
    return self->check.total_bytes;
  if (self->out.reader == NULL)
    return 0;
  return MIN (self->check.base_bytes + pst_reader_get_compared_bytes (self->out.reader),
              self->check.total_bytes);
}

static guint64
get_their_bytes (PstTransfer *self)
{
  /* The answer came when all had been read. */
  return self->out.reader != NULL ? self->check.total_bytes : self->check.their_bytes;
}

/* Brings the figures up to date. */
void
pst_transfer_measure_check (PstTransfer *self)
{
  gboolean checking = self->state == PST_TRANSFER_CHECKING;
  guint64 own_bytes = checking ? get_own_bytes (self) : 0;
  guint64 their_bytes = checking ? get_their_bytes (self) : 0;

  self->figures.to_check_bytes = checking ? self->check.total_bytes : 0;
  /* A sum may be too large for the type. */
  self->figures.checked_bytes = own_bytes / 2 + their_bytes / 2 + (own_bytes & their_bytes & 1);
}

/* If it is this side that reads: tells the other one how far it is, and goes on to look. */
void
pst_transfer_tell_check (PstTransfer *self)
{
  gint64 now_us = g_get_monotonic_time ();
  gboolean reads = self->in.checking || self->out.reader != NULL;
  PstControl control = { .kind = PST_CONTROL_CHECKING, .id = self->wire_id };

  if (self->state != PST_TRANSFER_CHECKING || !reads || self->exchange == NULL)
    return;

  control.checked_bytes = get_own_bytes (self);
  control.total_bytes = self->check.total_bytes;
  if (self->check.told_us == 0
      || (control.checked_bytes != self->check.told_bytes
          && now_us - self->check.told_us >= TELL_US))
    {
      pst_exchange_send_control (self->exchange, &control);
      self->check.told_us = now_us;
      self->check.told_bytes = control.checked_bytes;
    }
  pst_transfer_touch (self);
}

/* Whether the other side may be at it: a receiver before its answer, a sender after. */
static gboolean
may_they_check (PstTransfer *self)
{
  if (self->unaligned)
    return FALSE;
  if (self->incoming)
    return pst_transfer_is_active (self) && self->in.answered && self->in.held != NULL;
  return pst_transfer_awaits_answer (self);
}

/* How far the other side is. */
gboolean
pst_transfer_take_checking (PstTransfer *self, const PstControl *control, GError **error)
{
  if (!may_they_check (self))
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                           "The other side checks what there is out of turn.");
      return FALSE;
    }

  self->check.their_bytes = control->checked_bytes;
  if (!self->incoming)
    {
      self->check.by_them = TRUE;
      self->check.total_bytes = control->total_bytes;
      pst_transfer_update_meter (self);
      if (self->state == PST_TRANSFER_OFFERED)
        pst_transfer_set_state (self, pst_transfer_derive_active (self));
    }
  self->check.their_bytes = MIN (self->check.their_bytes, self->check.total_bytes);
  pst_transfer_touch (self);
  return TRUE;
}
