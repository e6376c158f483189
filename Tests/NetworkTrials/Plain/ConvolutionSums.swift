/// The sums of a convolution: x (n, h, w, c), kernel (kh, kw, c / groups, filters).
struct ConvolutionSums {
  let rows: Walk
  let columns: Walk
  let channels: Int
  let filters: Int
  let groups: Int

  var cost: Int {
    rows.output * columns.output * rows.window * columns.window * (channels / groups) * filters
  }

  /// Calls `body` for each pair of an input place and an output place that meet, with what they are
  /// multiplied by: offsets of the first channel, the first filter, and the first weight.
  private func eachPair(_ examples: Int, _ body: (_ x: Int, _ y: Int, _ k: Int) -> Void) {
    for n in 0..<examples {
      for row in 0..<rows.output {
        for column in 0..<columns.output {
          let y = ((n * rows.output + row) * columns.output + column) * filters
          for tapRow in 0..<rows.window {
            guard let sourceRow = rows.source(row, tapRow) else { continue }
            for tapColumn in 0..<columns.window {
              guard let sourceColumn = columns.source(column, tapColumn) else { continue }
              body(
                ((n * rows.input + sourceRow) * columns.input + sourceColumn) * channels, y,
                (tapRow * columns.window + tapColumn) * (channels / groups) * filters)
            }
          }
        }
      }
    }
  }

  func forward(_ x: Field, _ kernel: Field) -> Field {
    var result = Field([x.examples, rows.output, columns.output, filters])
    let (own, perGroup) = (channels / groups, filters / groups)
    x.values.withUnsafeBufferPointer { x in
      kernel.values.withUnsafeBufferPointer { kernel in
        result.values.withUnsafeMutableBufferPointer { y in
          eachPair(result.shape[0]) { xAt, yAt, kAt in
            for c in 0..<channels {
              let value = x[xAt + c]
              let first = c / own * perGroup
              let weights = kAt + (c % own) * filters
              for f in first..<first + perGroup { y[yAt + f] += value * kernel[weights + f] }
            }
          }
        }
      }
    }
    return result
  }

  /// The gradients of the input and the kernel.
  func backward(_ x: Field, _ kernel: Field, _ gradient: Field) -> (x: Field, kernel: Field) {
    var (xGradient, kernelGradient) = (Field(x.shape), Field(kernel.shape))
    let (own, perGroup) = (channels / groups, filters / groups)
    x.values.withUnsafeBufferPointer { x in
      kernel.values.withUnsafeBufferPointer { kernel in
        gradient.values.withUnsafeBufferPointer { dy in
          xGradient.values.withUnsafeMutableBufferPointer { dx in
            kernelGradient.values.withUnsafeMutableBufferPointer { dk in
              eachPair(xGradient.shape[0]) { xAt, yAt, kAt in
                for c in 0..<channels {
                  let value = x[xAt + c]
                  let first = c / own * perGroup
                  let weights = kAt + (c % own) * filters
                  var sum = 0.0
                  for f in first..<first + perGroup {
                    let slope = dy[yAt + f]
                    dk[weights + f] += value * slope
                    sum += kernel[weights + f] * slope
                  }
                  dx[xAt + c] += sum
                }
              }
            }
          }
        }
      }
    }
    return (xGradient, kernelGradient)
  }
}
