// Functions of large libraries that most runs never call. Each is a jump through a slot that first leads to the
// library's opening (Loader.c), so that a start costs nothing for cairo, oneDNN and their kind, which bring thirty
// more libraries with them. A function that is missing here is an undefined reference for the linker: add its line.
// Hidden, so that the libraries themselves never come here.

#if defined(__x86_64__) || defined(__aarch64__)

#if defined(__x86_64__)

.macro LAZY name, library
  .section .rodata.clazy, "a"
1: .asciz "\name"
  .section .data.clazy, "aw"
  .balign 8
2: .quad 3f, 1b, \library
  .text
  .balign 16
  .globl \name
  .hidden \name
  .type \name, @function
\name:
  endbr64
  jmp *2b(%rip)
3:
  endbr64
  lea 2b(%rip), %r11
  jmp clazy_bind
.endm

// Keeps everything that a call passes, while the function is looked for.
  .text
clazy_bind:
  push %rbp
  mov %rsp, %rbp
  and $-16, %rsp
  sub $192, %rsp
  mov %rdi, 0(%rsp)
  mov %rsi, 8(%rsp)
  mov %rdx, 16(%rsp)
  mov %rcx, 24(%rsp)
  mov %r8, 32(%rsp)
  mov %r9, 40(%rsp)
  mov %rax, 48(%rsp)
  movups %xmm0, 64(%rsp)
  movups %xmm1, 80(%rsp)
  movups %xmm2, 96(%rsp)
  movups %xmm3, 112(%rsp)
  movups %xmm4, 128(%rsp)
  movups %xmm5, 144(%rsp)
  movups %xmm6, 160(%rsp)
  movups %xmm7, 176(%rsp)
  mov %r11, %rdi
  call clazy_resolve
  mov %rax, %r11
  mov 0(%rsp), %rdi
  mov 8(%rsp), %rsi
  mov 16(%rsp), %rdx
  mov 24(%rsp), %rcx
  mov 32(%rsp), %r8
  mov 40(%rsp), %r9
  mov 48(%rsp), %rax
  movups 64(%rsp), %xmm0
  movups 80(%rsp), %xmm1
  movups 96(%rsp), %xmm2
  movups 112(%rsp), %xmm3
  movups 128(%rsp), %xmm4
  movups 144(%rsp), %xmm5
  movups 160(%rsp), %xmm6
  movups 176(%rsp), %xmm7
  mov %rbp, %rsp
  pop %rbp
  jmp *%r11

#else

.macro LAZY name, library
  .section .rodata.clazy, "a"
1: .asciz "\name"
  .section .data.clazy, "aw"
  .balign 8
2: .quad 3f, 1b, \library
  .text
  .balign 16
  .globl \name
  .hidden \name
  .type \name, %function
\name:
  adrp x16, 2b
  add x16, x16, :lo12:2b
  ldr x17, [x16]
  br x17
3:
  b clazy_bind
.endm

// Keeps everything that a call passes, while the function is looked for.
  .text
clazy_bind:
  stp x29, x30, [sp, #-208]!
  mov x29, sp
  stp x0, x1, [sp, #16]
  stp x2, x3, [sp, #32]
  stp x4, x5, [sp, #48]
  stp x6, x7, [sp, #64]
  str x8, [sp, #80]
  stp q0, q1, [sp, #96]
  stp q2, q3, [sp, #128]
  stp q4, q5, [sp, #160]
  stp q6, q7, [sp, #-32]!
  mov x0, x16
  bl clazy_resolve
  mov x17, x0
  ldp q6, q7, [sp], #32
  ldp x0, x1, [sp, #16]
  ldp x2, x3, [sp, #32]
  ldp x4, x5, [sp, #48]
  ldp x6, x7, [sp, #64]
  ldr x8, [sp, #80]
  ldp q0, q1, [sp, #96]
  ldp q2, q3, [sp, #128]
  ldp q4, q5, [sp, #160]
  ldp x29, x30, [sp], #208
  br x17

#endif

.section .rodata.clazy, "a"
cairo: .asciz "libcairo.so.2"
dnnl: .asciz "libdnnl.so.2"
gomp: .asciz "libgomp.so.1"
sndfile: .asciz "libsndfile.so.1"
mpg123: .asciz "libmpg123.so.0"
soxr: .asciz "libsoxr.so.0"
png: .asciz "libpng16.so.16"

// Cairo
LAZY cairo_arc, cairo
LAZY cairo_clip, cairo
LAZY cairo_close_path, cairo
LAZY cairo_create, cairo
LAZY cairo_destroy, cairo
LAZY cairo_fill, cairo
LAZY cairo_font_options_create, cairo
LAZY cairo_font_options_destroy, cairo
LAZY cairo_font_options_set_antialias, cairo
LAZY cairo_font_options_set_hint_metrics, cairo
LAZY cairo_font_options_set_hint_style, cairo
LAZY cairo_get_scaled_font, cairo
LAZY cairo_get_source, cairo
LAZY cairo_glyph_free, cairo
LAZY cairo_image_surface_create, cairo
LAZY cairo_image_surface_create_from_png, cairo
LAZY cairo_image_surface_get_data, cairo
LAZY cairo_image_surface_get_height, cairo
LAZY cairo_image_surface_get_stride, cairo
LAZY cairo_image_surface_get_width, cairo
LAZY cairo_line_to, cairo
LAZY cairo_move_to, cairo
LAZY cairo_new_sub_path, cairo
LAZY cairo_pattern_set_filter, cairo
LAZY cairo_pdf_surface_create_for_stream, cairo
LAZY cairo_pdf_surface_set_metadata, cairo
LAZY cairo_rectangle, cairo
LAZY cairo_restore, cairo
LAZY cairo_rotate, cairo
LAZY cairo_save, cairo
LAZY cairo_scale, cairo
LAZY cairo_scaled_font_text_to_glyphs, cairo
LAZY cairo_select_font_face, cairo
LAZY cairo_set_dash, cairo
LAZY cairo_set_font_options, cairo
LAZY cairo_set_font_size, cairo
LAZY cairo_set_line_cap, cairo
LAZY cairo_set_line_join, cairo
LAZY cairo_set_line_width, cairo
LAZY cairo_set_source_rgba, cairo
LAZY cairo_set_source_surface, cairo
LAZY cairo_show_text, cairo
LAZY cairo_status, cairo
LAZY cairo_status_to_string, cairo
LAZY cairo_stroke, cairo
LAZY cairo_surface_destroy, cairo
LAZY cairo_surface_finish, cairo
LAZY cairo_surface_flush, cairo
LAZY cairo_surface_mark_dirty, cairo
LAZY cairo_surface_status, cairo
LAZY cairo_svg_surface_create_for_stream, cairo
LAZY cairo_text_extents, cairo
LAZY cairo_translate, cairo
LAZY cairo_version_string, cairo

// oneDNN
LAZY dnnl_batch_normalization_backward_desc_init, dnnl
LAZY dnnl_batch_normalization_forward_desc_init, dnnl
LAZY dnnl_binary_desc_init, dnnl
LAZY dnnl_dilated_convolution_backward_data_desc_init, dnnl
LAZY dnnl_dilated_convolution_backward_weights_desc_init, dnnl
LAZY dnnl_dilated_convolution_forward_desc_init, dnnl
LAZY dnnl_eltwise_backward_desc_init, dnnl
LAZY dnnl_eltwise_forward_desc_init, dnnl
LAZY dnnl_engine_create, dnnl
LAZY dnnl_get_effective_cpu_isa, dnnl
LAZY dnnl_inner_product_forward_desc_init, dnnl
LAZY dnnl_logsoftmax_backward_desc_init, dnnl
LAZY dnnl_logsoftmax_forward_desc_init, dnnl
LAZY dnnl_memory_create, dnnl
LAZY dnnl_memory_desc_equal, dnnl
LAZY dnnl_memory_desc_get_size, dnnl
LAZY dnnl_memory_desc_init_by_strides, dnnl
LAZY dnnl_memory_desc_init_by_tag, dnnl
LAZY dnnl_memory_destroy, dnnl
LAZY dnnl_memory_set_data_handle, dnnl
LAZY dnnl_pooling_backward_desc_init, dnnl
LAZY dnnl_pooling_forward_desc_init, dnnl
LAZY dnnl_post_ops_append_eltwise, dnnl
LAZY dnnl_post_ops_append_sum, dnnl
LAZY dnnl_post_ops_create, dnnl
LAZY dnnl_post_ops_destroy, dnnl
LAZY dnnl_primitive_attr_create, dnnl
LAZY dnnl_primitive_attr_destroy, dnnl
LAZY dnnl_primitive_attr_set_post_ops, dnnl
LAZY dnnl_primitive_attr_set_scratchpad_mode, dnnl
LAZY dnnl_primitive_create, dnnl
LAZY dnnl_primitive_desc_create, dnnl
LAZY dnnl_primitive_desc_destroy, dnnl
LAZY dnnl_primitive_desc_iterator_create, dnnl
LAZY dnnl_primitive_desc_iterator_destroy, dnnl
LAZY dnnl_primitive_desc_iterator_fetch, dnnl
LAZY dnnl_primitive_desc_iterator_next, dnnl
LAZY dnnl_primitive_desc_query, dnnl
LAZY dnnl_primitive_desc_query_md, dnnl
LAZY dnnl_primitive_destroy, dnnl
LAZY dnnl_primitive_execute, dnnl
LAZY dnnl_reorder_primitive_desc_create, dnnl
LAZY dnnl_sgemm, dnnl
LAZY dnnl_softmax_backward_desc_init, dnnl
LAZY dnnl_softmax_forward_desc_init, dnnl
LAZY dnnl_stream_create, dnnl
LAZY dnnl_stream_destroy, dnnl
LAZY dnnl_version, dnnl

// OpenMP
LAZY omp_set_num_threads, gomp

// libsndfile
LAZY sf_close, sndfile
LAZY sf_command, sndfile
LAZY sf_error, sndfile
LAZY sf_open, sndfile
LAZY sf_readf_float, sndfile
LAZY sf_seek, sndfile
LAZY sf_strerror, sndfile
LAZY sf_version_string, sndfile
LAZY sf_write_sync, sndfile
LAZY sf_writef_float, sndfile
LAZY sf_writef_int, sndfile

// libmpg123
LAZY mpg123_delete, mpg123
LAZY mpg123_format, mpg123
LAZY mpg123_format_none, mpg123
LAZY mpg123_getformat, mpg123
LAZY mpg123_getstate2, mpg123
LAZY mpg123_info2, mpg123
LAZY mpg123_init, mpg123
LAZY mpg123_length, mpg123
LAZY mpg123_new, mpg123
LAZY mpg123_open_handle, mpg123
LAZY mpg123_param2, mpg123
LAZY mpg123_plain_strerror, mpg123
LAZY mpg123_read, mpg123
LAZY mpg123_replace_reader_handle, mpg123
LAZY mpg123_scan, mpg123
LAZY mpg123_seek, mpg123
LAZY mpg123_strerror, mpg123

// libsoxr
LAZY soxr_create, soxr
LAZY soxr_delete, soxr
LAZY soxr_io_spec, soxr
LAZY soxr_process, soxr
LAZY soxr_quality_spec, soxr
LAZY soxr_runtime_spec, soxr
LAZY soxr_version, soxr

// libpng
LAZY png_create_info_struct, png
LAZY png_create_read_struct, png
LAZY png_create_write_struct, png
LAZY png_destroy_read_struct, png
LAZY png_destroy_write_struct, png
LAZY png_error, png
LAZY png_get_error_ptr, png
LAZY png_get_image_height, png
LAZY png_get_image_width, png
LAZY png_get_io_ptr, png
LAZY png_get_libpng_ver, png
LAZY png_get_rowbytes, png
LAZY png_get_text, png
LAZY png_longjmp, png
LAZY png_read_end, png
LAZY png_read_info, png
LAZY png_read_row, png
LAZY png_read_update_info, png
LAZY png_set_IHDR, png
LAZY png_set_PLTE, png
LAZY png_set_add_alpha, png
LAZY png_set_compression_level, png
LAZY png_set_expand, png
LAZY png_set_filter, png
LAZY png_set_gray_to_rgb, png
LAZY png_set_interlace_handling, png
LAZY png_set_longjmp_fn, png
LAZY png_set_pHYs, png
LAZY png_set_read_fn, png
LAZY png_set_scale_16, png
LAZY png_set_text, png
LAZY png_set_user_limits, png
LAZY png_set_write_fn, png
LAZY png_write_end, png
LAZY png_write_info, png
LAZY png_write_row, png

#endif

#if defined(__linux__) && defined(__ELF__)
.section .note.GNU-stack, "", %progbits
#endif
