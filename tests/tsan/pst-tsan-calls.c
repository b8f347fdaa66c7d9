/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A function of a library that calls another one of the same library does so
 * directly, and a preloaded function of that name is passed by. So these calls are
 * found in the library's code and turned to the preloaded function. */
#include "pst-tsan.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef __x86_64__
#error "How a call looks is known here for x86-64 only"
#endif

/* What the linker calls the ends of the array of all wrappers. */
extern PstTsanWrapper __start_pst_wrappers[], __stop_pst_wrappers[];

/* The program itself is ours: the engine's libraries are linked into it. */
static guintptr program_start, program_end;

gboolean
pst_tsan_is_ours (gconstpointer code)
{
  return (guintptr) code - program_start < program_end - program_start;
}

/* Also called by the libraries' constructors, before the one below. */
gpointer
pst_tsan_next (PstTsanWrapper *wrapper)
{
  if (wrapper->next == NULL)
    wrapper->next = dlsym (RTLD_NEXT, wrapper->name);
  return wrapper->next;
}

static const PstTsanWrapper *
find_wrapper (guintptr function)
{
  for (PstTsanWrapper *wrapper = __start_pst_wrappers; wrapper < __stop_pst_wrappers; wrapper++)
    if (wrapper->within && (guintptr) pst_tsan_next (wrapper) == function)
      return wrapper;
  return NULL;
}

/* Whether the four bytes at @at are the end of an instruction and say how far from
 * there what it calls, jumps to or takes the address of is. */
static gboolean
is_distance (const guint8 *at)
{
  return at[-1] == 0xe8 /* call */ || at[-1] == 0xe9    /* jmp */
         || (at[-2] == 0x0f && (at[-1] & 0xf0) == 0x80) /* jump if */
         || (at[-2] == 0x8d && (at[-1] & 0xc7) == 0x05) /* lea */;
}

static void
redirect (guint8 *at, guintptr lowest, guintptr highest)
{
  const PstTsanWrapper *wrapper;
  guintptr end = (guintptr) at + sizeof (gint32);
  gint32 distance;
  gint64 to_ours;

  memcpy (&distance, at, sizeof distance);
  if (end + distance < lowest || end + distance > highest)
    return;
  wrapper = find_wrapper (end + distance);
  if (wrapper == NULL)
    return;

  to_ours = (gint64) ((guintptr) wrapper->ours - end);
  g_assert (to_ours == (gint32) to_ours);
  distance = (gint32) to_ours;
  memcpy (at, &distance, sizeof distance);
}

static void
redirect_all (guint8 *code, gsize size, guintptr lowest, guintptr highest)
{
  gsize page = (gsize) sysconf (_SC_PAGESIZE);
  guint8 *start = (guint8 *) ((guintptr) code & ~(page - 1));
  gsize length = (gsize) (code + size - start);

  g_assert (mprotect (start, length, PROT_READ | PROT_WRITE | PROT_EXEC) == 0);
  for (guint8 *at = code + 2; at + sizeof (gint32) <= code + size; at++)
    if (is_distance (at))
      redirect (at, lowest, highest);
  g_assert (mprotect (start, length, PROT_READ | PROT_EXEC) == 0);
}

/* The first and the last of the wrapped functions in some code. */
static gboolean
has_wrapped (guintptr code, gsize size, guintptr *lowest, guintptr *highest)
{
  *lowest = G_MAXSIZE;
  *highest = 0;
  for (PstTsanWrapper *wrapper = __start_pst_wrappers; wrapper < __stop_pst_wrappers; wrapper++)
    {
      guintptr next = (guintptr) pst_tsan_next (wrapper);

      if (wrapper->within && next - code < size)
        {
          *lowest = MIN (*lowest, next);
          *highest = MAX (*highest, next);
        }
    }
  return *highest > 0;
}

static int
look_at_library (struct dl_phdr_info *library, size_t size, void *is_program)
{
  for (guint i = 0; i < library->dlpi_phnum; i++)
    {
      const ElfW (Phdr) *part = &library->dlpi_phdr[i];
      guintptr code = library->dlpi_addr + part->p_vaddr, lowest, highest;

      if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0)
        continue;
      if (*(gboolean *) is_program)
        {
          program_start = code;
          program_end = code + part->p_memsz;
        }
      else if (has_wrapped (code, part->p_memsz, &lowest, &highest))
        redirect_all ((guint8 *) code, part->p_memsz, lowest, highest);
    }
  *(gboolean *) is_program = FALSE;
  return 0;
}

__attribute__ ((constructor)) static void
redirect_calls (void)
{
  gboolean is_program = TRUE; /* the first in the list */

  /* A shell that starts the test, for example, is left as it is. */
  if (__tsan_acquire != NULL)
    dl_iterate_phdr (look_at_library, &is_program);
}
