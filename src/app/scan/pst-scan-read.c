/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-scan-read.h"

#include "pst-invite.h"

#include <string.h>
#include <zbar.h>

/* Of a larger picture a smaller copy is looked at first: the codes in photos
 * are large, and noise between their pixels only takes time. */
#define LARGE_PIXELS (2048 * 2048)

typedef struct
{
  guint width;
  guint height;
  guint8 *bytes;
} Grey;

static void
grey_clear (Grey *grey)
{
  g_clear_pointer (&grey->bytes, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Grey, grey_clear)

/* Luma of BT.601 in 256ths: 0.299, 0.587, 0.114. */
static guint
luma (const guint8 *rgb)
{
  return (77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2]) >> 8;
}

static guint8
mean_luma (const guint8 *corner, gsize stride_bytes, guint step)
{
  guint sum = 0;

  for (guint y = 0; y < step; y++)
    for (guint x = 0; x < step; x++)
      sum += luma (corner + y * stride_bytes + x * 3);

  return sum / (step * step);
}

/* Each pixel is the mean of @step × @step of the picture. */
static void
grey_init (Grey *grey, const PstFrame *frame, guint step)
{
  const guint8 *pixels = g_bytes_get_data (frame->pixels, NULL);

  grey->width = frame->width / step;
  grey->height = frame->height / step;
  grey->bytes = g_malloc ((gsize)grey->width * grey->height);
  for (guint y = 0; y < grey->height; y++)
    for (guint x = 0; x < grey->width; x++)
      grey->bytes[(gsize)y * grey->width + x] = mean_luma (
          pixels + y * step * frame->stride_bytes + (gsize)x * step * 3, frame->stride_bytes, step);
}

static void
grey_invert (Grey *grey)
{
  for (gsize i = 0; i < (gsize)grey->width * grey->height; i++)
    grey->bytes[i] = 255 - grey->bytes[i];
}

static char *
dup_code (const char *text)
{
  g_autofree char *code = NULL;
  g_autofree char *rendezvous_url = NULL;

  pst_invite_parse (text, &code, &rendezvous_url, NULL);
  return g_steal_pointer (&code);
}

/**
 * pst_scan_judge_text:
 * @text: what a QR code says: any bytes a stranger chose
 * @length: how many
 *
 * Decides whether it is ours: text of at most %PST_INVITE_MAX_BYTES that reads
 * as a link or a code.
 *
 * Returns: (transfer full) (nullable): the text, without blanks around it
 */
char *
pst_scan_judge_text (const char *text, gsize length)
{
  g_autofree char *copy = NULL;
  g_autofree char *code = NULL;

  if (length > PST_INVITE_MAX_BYTES || !g_utf8_validate_len (text, length, NULL))
    return NULL;

  copy = g_strstrip (g_strndup (text, length));
  code = dup_code (copy);
  return code != NULL ? g_steal_pointer (&copy) : NULL;
}

/* One code may be shown twice, or as a link and in plain. */
static gboolean
is_same_code (const char *a, const char *b)
{
  g_autofree char *code_a = dup_code (a);
  g_autofree char *code_b = dup_code (b);

  return g_strcmp0 (code_a, code_b) == 0;
}

static PstScanOutcome
judge_symbols (zbar_image_t *image, char **text)
{
  PstScanOutcome outcome = PST_SCAN_NOTHING;

  for (const zbar_symbol_t *symbol = zbar_image_first_symbol (image); symbol != NULL;
       symbol = zbar_symbol_next (symbol))
    {
      g_autofree char *ours = pst_scan_judge_text (zbar_symbol_get_data (symbol),
                                                   zbar_symbol_get_data_length (symbol));

      if (ours == NULL)
        outcome = MAX (outcome, PST_SCAN_FOREIGN);
      else if (*text != NULL && !is_same_code (*text, ours))
        return PST_SCAN_SEVERAL;
      else
        {
          outcome = PST_SCAN_FOUND;
          if (*text == NULL)
            *text = g_steal_pointer (&ours);
        }
    }

  return outcome;
}

static PstScanOutcome
read_grey (zbar_image_scanner_t *scanner, const Grey *grey, char **text)
{
  zbar_image_t *image = zbar_image_create ();
  PstScanOutcome outcome;

  zbar_image_set_format (image, zbar_fourcc ('Y', '8', '0', '0'));
  zbar_image_set_size (image, grey->width, grey->height);
  zbar_image_set_data (image, grey->bytes, (gsize)grey->width * grey->height, NULL);
  zbar_scan_image (scanner, image);
  outcome = judge_symbols (image, text);
  zbar_image_destroy (image);

  if (outcome != PST_SCAN_FOUND)
    g_clear_pointer (text, g_free);
  return outcome;
}

static PstScanOutcome
read_at_step (
    zbar_image_scanner_t *scanner, const PstFrame *frame, guint step, PstScanInk ink, char **text)
{
  PstScanOutcome outcome = PST_SCAN_NOTHING;
  g_auto (Grey) grey = { 0 };

  grey_init (&grey, frame, step);
  if (ink != PST_SCAN_INK_LIGHT)
    outcome = read_grey (scanner, &grey, text);
  if (outcome == PST_SCAN_NOTHING && ink != PST_SCAN_INK_DARK)
    {
      grey_invert (&grey);
      outcome = read_grey (scanner, &grey, text);
    }

  return outcome;
}

static guint
coarse_step (const PstFrame *frame)
{
  guint step = 1;

  while ((guint64)(frame->width / step) * (frame->height / step) > LARGE_PIXELS)
    step++;

  return step;
}

/**
 * pst_scan_read:
 * @frame: a picture
 * @ink: which codes to look for
 * @text: (out) (transfer full) (nullable): what the code says, with
 *   %PST_SCAN_FOUND only
 *
 * Reads the QR codes in a picture, however they are turned.
 *
 * Returns: what was seen
 */
PstScanOutcome
pst_scan_read (const PstFrame *frame, PstScanInk ink, char **text)
{
  zbar_image_scanner_t *scanner = zbar_image_scanner_create ();
  guint step = coarse_step (frame);
  PstScanOutcome outcome;

  *text = NULL;
  zbar_image_scanner_set_config (scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
  zbar_image_scanner_set_config (scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
  outcome = read_at_step (scanner, frame, step, ink, text);
  if (outcome == PST_SCAN_NOTHING && step > 1)
    outcome = read_at_step (scanner, frame, 1, ink, text);
  zbar_image_scanner_destroy (scanner);

  return outcome;
}
