#pragma once
// Pictures, pairs of pictures, clips and files. The host decodes once, converts each picture at most once
// into each representation that any selected plugin declared, and shares the result. Plugins never convert
// between these and never write to them.

#include "abi.h"

GIFLAB_C_BEGIN

// Index into giflab_image.views. f32 planes hold finite values only. sRGB means IEC 61966-2-1, D65.
enum {
   GIFLAB_RGBA8      = 0, // 1 plane, R,G,B,A bytes, sRGB, straight alpha: the canonical decode
   GIFLAB_RGB8       = 1, // 1 plane, R,G,B bytes, composited over the run's background colour
   GIFLAB_INDEX8     = 2, // planes[0] palette indices, [1] the palette, [2] what it looks like; see below
   GIFLAB_LUMA8      = 3, // 1 plane, floor(0.299 R + 0.587 G + 0.114 B + 0.5) of RGB8, in double
   GIFLAB_LUMA_F32   = 4, // 1 plane, 0.299 R + 0.587 G + 0.114 B of RGB8/255, range 0..1
   GIFLAB_RGB_F32    = 5, // 3 planes, RGB8/255
   GIFLAB_LINEAR_F32 = 6, // 3 planes, sRGB transfer function removed, range 0..1
   GIFLAB_XYB_F32    = 7, // 3 planes, JPEG XL opsin XYB (ISO/IEC 18181-1), unscaled
   GIFLAB_LAB_F32    = 8, // 3 planes, CIE L*a*b*, D65
};
#define GIFLAB_BIT(index) (1u << (index))

// INDEX8 alone is not always there: a canvas can hold more than 256 colours. A plugin that declares it
// also declares the representation that it falls back to, and uses INDEX8 where its view is not NULL.
// planes[1] is 256x1 RGBA8; planes[2] is the same composited over the run's background colour, R, G, B and a
// byte of 0. Entries that no pixel uses may hold anything.

// Where bytes live. A plugin declares a mask; the host picks one per instance (giflab_setup.memory).
enum {
   GIFLAB_MEMORY_HOST = 0,
   GIFLAB_MEMORY_CUDA = 1, // data are CUdeviceptr values of the current context
};

enum { GIFLAB_CHANGED_SIDE = 16 }; // of the squares of giflab_image.changed_squares

typedef struct giflab_plane {
   const void *data;   // row 0; 64-byte aligned (256 on CUDA)
   size_t      stride; // bytes between rows, a multiple of 64; bytes past the row's end are undefined
} giflab_plane;

typedef struct giflab_view {
   uint32_t     representation; // GIFLAB_RGBA8, ...
   uint32_t     memory;         // GIFLAB_MEMORY_*
   uint32_t     plane_count;
   uint32_t     bytes_per_pixel; // within one plane
   giflab_plane planes[4];
} giflab_view;

// So many pixels of a pair of pictures have these two palette indices. Frozen layout.
typedef struct giflab_index_pair {
   uint8_t  reference, distorted;
   uint16_t reserved; // 0
   uint32_t pixels;   // >= 1
} giflab_index_pair;

// One picture as it takes part in a comparison. Host-owned, immutable, borrowed.
typedef struct giflab_image {
   int32_t  width, height;         // >= 1
   int64_t  index;                 // of the file's picture, from 0; repeats while the host holds a picture
   int64_t  start_us, duration_us; // when this image is on show; both images of a pair say the same
   uint64_t content;               // equal for pictures with equal RGBA8 pixels within a run; never 0

   // Every pixel outside this rectangle equals the image that stands here in the pair before this one; the
   // whole picture in the first pair, 0x0 where the picture is held. An animation that repaints a corner
   // lets a metric redo that corner alone.
   int32_t changed_x, changed_y, changed_width, changed_height;

   // The image that stands here in the pair before this one, if the plugin declared lookback; that many
   // deep, fewer at the start of a clip; else NULL.
   const struct giflab_image *previous;
   const giflab_view *const  *views; // [representation]; NULL unless declared in .inputs

   // Which squares of GIFLAB_CHANGED_SIDE pixels hold a pixel that differs from the image that stands here in
   // the pair before: 1 if one does, 0 if none; row by row from the top left, those at the right and at the
   // bottom cut off by the picture's edge. NULL where the rectangle above is all that is known.
   const uint8_t *changed_squares;

   // In the distorted image of a pair: all its pairs of palette indices, by the reference's index, then by its
   // own. What a metric makes of one pixel after the other, it makes of these without looking at any. For
   // plugins with GIFLAB_FLAG_INDEX8_ALONE, where both images have INDEX8; NULL, and 0 of them, where the host
   // did not count: on a device, at level 0, in tiny pictures.
   const giflab_index_pair *index_pairs;
   uint64_t                 index_pair_count;
} giflab_image;

// What a full-reference metric compares. `reference` is NULL for GIFLAB_FLAG_NO_REFERENCE metrics.
typedef struct giflab_pair {
   const giflab_image *reference;
   const giflab_image *distorted;
} giflab_pair;

typedef struct giflab_clip {
   int32_t  width, height;
   int64_t  frame_count; // pairs for a metric, pictures for a filter or encoder; -1 unknown
   int64_t  duration_us; // -1 unknown
   int32_t  loop_count;  // 0 = forever
   uint32_t reserved;    // 0
} giflab_clip;

// When a picture of a file is on show, and what it shows. Frozen layout.
typedef struct giflab_showing {
   int64_t  start_us, duration_us;
   uint64_t content; // as in giflab_image
} giflab_showing;

// One decoded file. Host-owned, borrowed.
typedef struct giflab_file {
   const char           *path;
   uint64_t              bytes;
   const giflab_clip    *clip;
   const giflab_showing *showings; // [showing_count], in display order
   uint64_t              showing_count;
} giflab_file;

// Two files laid on one line of time, for metrics of FILE scope. Host-owned, borrowed.
typedef struct giflab_comparison {
   const giflab_file *reference; // NULL for GIFLAB_FLAG_NO_REFERENCE metrics
   const giflab_file *distorted;

   // What the host's alignment found; 0 without a reference. A picture "appears" where it differs from
   // the one shown before; each appearance in `distorted` answers the nearest in `reference`.
   int64_t dropped;      // appearances in the reference that none in distorted answers
   int64_t duplicated;   // frames of distorted that repeat the picture before, where the reference does not
   int64_t reordered;    // frames of distorted that show an earlier moment than the frame before them
   int64_t max_drift_us; // largest distance between an appearance and the one that it answers
} giflab_comparison;

GIFLAB_C_END
