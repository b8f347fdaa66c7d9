/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdio.h>

#include "pst-cli-report.h"

G_BEGIN_DECLS

#define PST_TYPE_CLI_OUTPUT (pst_cli_output_get_type ())
G_DECLARE_INTERFACE (PstCliOutput, pst_cli_output, PST, CLI_OUTPUT, GObject)

/**
 * PstCliOutput:
 *
 * Tells a person or a program what happens. A writer that has nothing to say
 * about something leaves the function out.
 */
struct _PstCliOutputInterface
{
  GTypeInterface parent;

  void (*waiting) (PstCliOutput *self, PstCliWait wait);
  void (*invite) (PstCliOutput *self, const PstCliInvite *invite);
  void (*connected) (PstCliOutput *self, const char *peer_name, PstRoute route);
  void (*words) (PstCliOutput *self, const char *phrase);
  void (*offer) (PstCliOutput *self, const PstCliOffer *offer);
  void (*ask) (PstCliOutput *self, PstCliQuestion question);
  void (*progress) (PstCliOutput *self, const PstCliSnapshot *snapshot);
  void (*done) (PstCliOutput *self, const PstCliSnapshot *snapshot);
  void (*note) (PstCliOutput *self, const char *sentence);
  void (*warning) (PstCliOutput *self, guint32 id, const char *name, const char *sentences);
  void (*remembered) (PstCliOutput *self, const char *name);
  void (*devices) (PstCliOutput *self, GPtrArray *devices);
  void (*serving) (PstCliOutput *self, const char *const *urls);
  void (*leftovers) (PstCliOutput *self, GPtrArray *leftovers);
  void (*failed) (PstCliOutput *self, const GError *error, int exit_status);
  void (*closed) (PstCliOutput *self, int exit_status);
};

void pst_cli_output_waiting (PstCliOutput *self, PstCliWait wait);
void pst_cli_output_invite (PstCliOutput *self, const PstCliInvite *invite);
void pst_cli_output_connected (PstCliOutput *self, const char *peer_name, PstRoute route);
void pst_cli_output_words (PstCliOutput *self, const char *phrase);
void pst_cli_output_offer (PstCliOutput *self, const PstCliOffer *offer);
void pst_cli_output_ask (PstCliOutput *self, PstCliQuestion question);
void pst_cli_output_progress (PstCliOutput *self, const PstCliSnapshot *snapshot);
void pst_cli_output_done (PstCliOutput *self, const PstCliSnapshot *snapshot);
void pst_cli_output_note (PstCliOutput *self, const char *sentence);
void
pst_cli_output_warning (PstCliOutput *self, guint32 id, const char *name, const char *sentences);
void pst_cli_output_remembered (PstCliOutput *self, const char *name);
void pst_cli_output_devices (PstCliOutput *self, GPtrArray *devices);
void pst_cli_output_serving (PstCliOutput *self, const char *const *urls);
void pst_cli_output_leftovers (PstCliOutput *self, GPtrArray *leftovers);
void pst_cli_output_failed (PstCliOutput *self, const GError *error, int exit_status);
void pst_cli_output_closed (PstCliOutput *self, int exit_status);

/* The three writers. Streams are not closed; they outlive the writer. */

#define PST_TYPE_CLI_JSON (pst_cli_json_get_type ())
G_DECLARE_FINAL_TYPE (PstCliJson, pst_cli_json, PST, CLI_JSON, GObject)

#define PST_TYPE_CLI_PLAIN (pst_cli_plain_get_type ())
G_DECLARE_FINAL_TYPE (PstCliPlain, pst_cli_plain, PST, CLI_PLAIN, GObject)

#define PST_TYPE_CLI_TERMINAL (pst_cli_terminal_get_type ())
G_DECLARE_FINAL_TYPE (PstCliTerminal, pst_cli_terminal, PST, CLI_TERMINAL, GObject)

PstCliOutput *pst_cli_json_new (FILE *out);
PstCliOutput *pst_cli_plain_new (FILE *out, FILE *err, gboolean quiet);
PstCliOutput *
pst_cli_terminal_new (FILE *out, FILE *err, gboolean colour, guint (*get_columns) (void));
PstCliOutput *pst_cli_output_new_for_streams (gboolean json, gboolean quiet);

G_END_DECLS
