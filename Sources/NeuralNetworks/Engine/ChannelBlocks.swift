import COneDNN
import Essentials

/// How an example's channels lie in memory, where that is [block][position][width] without gaps: channels last
/// (one block of all), or in oneDNN's blocks of 8 or 16, the last one filled up with zeros.
struct ChannelBlocks: Equatable {
  let blocks: Int
  let width: Int

  init(blocks: Int, width: Int) {
    self.blocks = blocks
    self.width = width
  }

  var channels: Int { blocks * width }

  /// Nil where the layout is another one.
  init?(_ descriptor: MemoryDescriptor) {
    let dims = descriptor.dims
    guard dims.count == 3 || dims.count == 4 else { return nil }
    let found = withUnsafePointer(to: descriptor.raw) { raw -> (blocks: Int, width: Int)? in
      guard dnnl_shim_is_blocked(raw) != 0 else { return nil }
      let found: (blocks: Int, width: Int)
      switch dnnl_shim_block_count(raw) {
      case 0: found = (1, dims[1])
      case 1 where dnnl_shim_block_axis(raw, 0) == 1:
        let width = Int(raw.pointee.format_desc.blocking.inner_blks.0)
        found = (Int(dnnl_shim_padded_dim(raw, 1)) / width, width)
      default: return nil
      }
      if found.blocks == 1, found.width == dims[1], dnnl_shim_block_count(raw) == 0, dims[1] > 1,
        dnnl_shim_stride(raw, 1) != 1
      {
        return nil
      }
      // Positions follow one another, then blocks, then examples. An axis of one place has any stride.
      var step = found.width
      for axis in (2..<dims.count).reversed() {
        if dims[axis] > 1, Int(dnnl_shim_stride(raw, Int32(axis))) != step { return nil }
        step *= dims[axis]
      }
      if found.blocks > 1, Int(dnnl_shim_stride(raw, 1)) != step { return nil }
      if dims[0] > 1, Int(dnnl_shim_stride(raw, 0)) != step * found.blocks { return nil }
      return found
    }
    guard let found else { return nil }
    (blocks, width) = found
  }

  /// The same for other positions of as many channels.
  func descriptor(examples: Int, channels: Int, space: [Int]) throws(Failure) -> MemoryDescriptor {
    if blocks == 1, width == channels {
      return try MemoryDescriptor(examples: examples, of: space + [channels])
    }
    let tag: dnnl_format_tag_t
    switch (width, space.count) {
    case (8, 1): tag = dnnl_nCw8c
    case (8, 2): tag = dnnl_nChw8c
    case (16, 1): tag = dnnl_nCw16c
    case (16, 2): tag = dnnl_nChw16c
    default: throw Failure(.state, "oneDNN has no blocks of \(width) channels")
    }
    return try MemoryDescriptor(dims: [examples, channels] + space, tag: tag)
  }
}

extension MemoryDescriptor {
  fileprivate init(dims: [Int], tag: dnnl_format_tag_t) throws(Failure) {
    self.init(raw: dnnl_memory_desc_t())
    var axes = dims.map(Int64.init) + [Int64](repeating: 0, count: max(0, 12 - dims.count))
    try OneDNN.check(
      dnnl_memory_desc_init_by_tag(&raw, Int32(dims.count), &axes, dnnl_f32, tag), "describe an array")
  }
}
