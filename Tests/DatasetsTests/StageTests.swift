import Datasets
import Essentials
import Synchronization
import Testing

/// A dataset whose elements only come one after the other.
func streamed<Element: Sendable>(_ elements: [Element]) -> Dataset<Element> {
  Dataset(generator: {
    var index = 0
    return {
      guard index < elements.count else { return nil }
      defer { index += 1 }
      return elements[index]
    }
  })
}

/// The elements that the jobs of a pass make, run in the opposite order.
func made<Element: Sendable>(_ dataset: Dataset<Element>) throws -> [Element] {
  let iterator = try dataset.makeJobIterator()
  var jobs: [@Sendable () throws -> Element] = []
  while let job = try iterator.nextJob() { jobs.append(job) }
  return try jobs.reversed().map { try $0() }.reversed()
}

@Suite struct StageTests {
  /// Each stage does to a dataset what the same operation does to an array, whether the elements come
  /// by index or as a stream, and says how many there will be.
  @Test(arguments: 0..<40) func stagesDoWhatArraysDo(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    var expected = (0..<random.integer(below: 30)).map { _ in random.integer(below: 100) }
    var dataset = seed % 2 == 0 ? Dataset(expected) : streamed(expected)
    for _ in 0..<random.integer(below: 6) {
      let number = random.integer(below: 12)
      switch random.integer(below: 9) {
      case 0:
        expected = expected.map { $0 &* 3 &+ number }
        dataset = dataset.map { $0 &* 3 &+ number }
      case 1:
        expected = expected.filter { $0 % 3 != number % 3 }
        dataset = dataset.filter { $0 % 3 != number % 3 }
      case 2:
        expected = Array(expected.prefix(number))
        dataset = try dataset.take(number)
      case 3:
        expected = Array(expected.dropFirst(number))
        dataset = try dataset.skip(number)
      case 4:
        expected += [1, 2, 3]
        dataset = dataset + Dataset([1, 2, 3])
      case 5:
        expected = zip(expected, 0..<number).map { $0 + $1 }
        dataset = dataset.zipped(with: streamed(Array(0..<number))).map { $0.0 + $0.1 }
      case 6:
        expected = expected.flatMap { Array(repeating: $0, count: $0 % 4) }
        dataset = dataset.flatMap { element, _ in Array(repeating: element, count: element % 4) }
      case 7:
        expected = expected.indices.filter { $0 % 3 == number % 3 }.map { expected[$0] }
        dataset = try dataset.shard(count: 3, index: number % 3)
      default:
        expected = expected + expected
        dataset = try dataset.cache().prefetch(number + 1).repeated(2)
      }
    }
    #expect(try dataset.elements() == expected)
    #expect(try made(dataset) == expected)
    #expect(try dataset.frozen().elements() == expected)
    if let count = dataset.count { #expect(count == expected.count) }
    #expect(try dataset.first() == expected.first)
  }

  @Test func lengthsAreKnownWhereTheyCanBe() throws {
    let ten = Dataset(Array(0..<10))
    #expect(try ten.batch(4).count == 3)
    #expect(try ten.batch(4, dropRemainder: true).count == 2)
    #expect(try ten.skip(3).take(20).shard(count: 3, index: 1).count == 2)
    #expect((ten + ten).zipped(with: ten).count == 10)
    #expect(ten.filter { $0 > 3 }.count == nil)
    #expect(try ten.repeated(3).count == 30)
    #expect(try ten.repeated().cardinality == .infinite)
    #expect(try ten.repeated().take(25).elements().count == 25)
    #expect(try ten.repeated(Int.max).count == Int.max)
    #expect(throws: Failure.self) { try ten.repeated().elements() }
  }

  @Test func batchesKeepOrderAndRemainder() throws {
    let ten = Array(0..<10)
    for dataset in [Dataset(ten), streamed(ten)] {
      #expect(try dataset.batch(4).elements() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
      #expect(try dataset.batch(4, dropRemainder: true).elements() == [[0, 1, 2, 3], [4, 5, 6, 7]])
      #expect(try dataset.batch(5).flatMap { batch, _ in batch }.elements() == ten)
      #expect(try dataset.batch(Int.max).elements() == [ten])
    }
  }

  @Test func wrongNumbersAreRefusedByName() throws {
    let dataset = Dataset([1, 2, 3])
    func parameter(_ body: () throws -> Void) -> String? {
      do { try body() } catch { return (error as? Failure)?.parameter }
      return nil
    }
    #expect(parameter { _ = try dataset.batch(0) } == "batch_size")
    #expect(parameter { _ = try dataset.take(-1) } == "count")
    #expect(parameter { _ = try dataset.skip(-1) } == "count")
    #expect(parameter { _ = try dataset.repeated(-1) } == "count")
    #expect(parameter { _ = try dataset.shuffle(0, seed: 1) } == "buffer_size")
    #expect(parameter { _ = try dataset.prefetch(0) } == "buffer_size")
    #expect(parameter { _ = try dataset.shard(count: 2, index: 2) } == "index")
    #expect(parameter { _ = try Dataset(count: -1) { $0 } } == "count")
  }

  @Test func enumeratedCountsFromStart() throws {
    for dataset in [Dataset(["a", "b"]), streamed(["a", "b"])] {
      let pairs = try dataset.enumerated(start: 5).elements()
      #expect(pairs.map(\.0) == [5, 6])
      #expect(pairs.map(\.1) == ["a", "b"])
    }
  }

  @Test func eachIterationIsTheNextEpoch() throws {
    let epochs = Dataset([0]).map { _, context in context.epoch }
    #expect(try [epochs.elements(), epochs.elements(), epochs.elements()] == [[0], [1], [2]])
    let iterator = try epochs.makeIterator(epoch: 7)
    #expect(try iterator.next() == 7)
    #expect(try iterator.next() == nil)
    #expect(try epochs.elements() == [3])
    // Repetitions are epochs too, and those of different passes differ.
    let repeated = try epochs.repeated(2)
    #expect(try repeated.elements() == [0, 1])
    #expect(try repeated.elements() == [2, 3])
  }

  @Test func descriptionTellsTheStages() throws {
    let dataset = try Dataset(Array(0..<810)).map { $0 }.cache().shuffle(1000, seed: 1).batch(16)
    #expect(
      "\(dataset)" == "Dataset of 810 examples · map · cache · shuffle(1000) · batch(16) → 51 batches")
    #expect("\(Dataset([1]).filter { _ in true })" == "Dataset of unknown length · filter")
    let (train, _) = try Dataset(Array(0..<10)).shuffle(10, seed: 1).split(fraction: 0.7)
    #expect("\(train)" == "Dataset of 7 examples · shuffle(10) · split(7 of 10)")
  }
}

@Suite struct JobTests {
  /// What maps do is left to the jobs, each with the place that it has in the pass.
  @Test func mapsAreLeftToTheJobs() throws {
    let calls = Atomic<Int>(0)
    for dataset in [Dataset(Array(0..<30)), streamed(Array(0..<30))] {
      let mapped = try dataset.map { element, context -> [Int] in
        calls.add(1, ordering: .relaxed)
        return [element, context.index, context.epoch]
      }.map { $0 + [7] }.prefetch(3).skip(2).take(20)
      let iterator = try mapped.makeJobIterator()
      var jobs: [@Sendable () throws -> [Int]] = []
      while let job = try iterator.nextJob() { jobs.append(job) }
      #expect(calls.load(ordering: .relaxed) == 0)
      #expect(try jobs[19]() == [21, 21, 0, 7])
      #expect(try jobs[0]() == [2, 2, 0, 7])
      #expect(calls.exchange(0, ordering: .relaxed) == 2)
      #expect(jobs.count == 20)
      #expect(try iterator.nextJob() == nil)
      // The next pass is the next epoch.
      #expect(try made(mapped).last == [21, 21, 1, 7])
      calls.store(0, ordering: .relaxed)
    }
  }

  /// Nothing works ahead of a consumer that takes jobs.
  @Test func noThreadRunsAhead() throws {
    let asked = Atomic<Int>(0)
    let dataset = try Dataset<Int>(generator: { { asked.add(1, ordering: .relaxed).newValue } })
      .map { $0 }.prefetch(8).map { $0 * 2 }.prefetch(8)
    let iterator = try dataset.makeJobIterator()
    for turn in 1...5 {
      #expect(try iterator.nextJob()?() == 2 * turn)
      #expect(asked.load(ordering: .relaxed) == turn)
    }
  }

  /// A serial map runs when its element's job is asked for, in order.
  @Test func serialMapsStayInOrder() throws {
    let seen = Mutex<[Int]>([])
    let dataset = streamed(Array(0..<9)).map { $0 + 1 }.map(parallel: false) { element -> Int in
      seen.withLock { $0.append(element) }
      return element
    }.map { $0 * 10 }
    #expect(try made(dataset) == (1...9).map { $0 * 10 })
    #expect(seen.withLock { $0 } == Array(1...9))
  }

  @Test func aFailureIsItsJobs() throws {
    let dataset = streamed(Array(0..<9)).map { element -> Int in
      if element == 4 { throw Failure(.file, "four") }
      return element
    }
    let iterator = try dataset.makeJobIterator()
    var results: [Int?] = []
    while let job = try iterator.nextJob() { results.append(try? job()) }
    #expect(results == [0, 1, 2, 3, nil, 5, 6, 7, 8])
  }
}

@Suite struct MapTests {
  @Test func manyAtATimeKeepTheirOrderAndContext() throws {
    for dataset in [Dataset(Array(0..<500)), streamed(Array(0..<500))] {
      let results = try dataset.map { element, context in
        // Uneven work, so that later elements are ready before earlier ones.
        var random = RandomSource(seed: 1, path: UInt64(element))
        for _ in 0..<random.integer(below: 2000) { _ = random.next() }
        return [element, context.index, context.epoch]
      }.elements()
      #expect(results == (0..<500).map { [$0, $0, 0] })
    }
  }

  @Test func aFailureComesAtItsPlaceAndEndsThePass() throws {
    for dataset in [Dataset(Array(0..<50)), streamed(Array(0..<50))] {
      let failing = dataset.map { element -> Int in
        if element == 21 { throw Failure(.file, "twenty-one") }
        return element
      }
      for pipeline in [failing, try failing.prefetch(3), failing.cache(), failing.filter { _ in true }] {
        let iterator = try pipeline.makeIterator()
        for expected in 0..<21 { #expect(try iterator.next() == expected) }
        #expect(throws: Failure(.file, "twenty-one")) { try iterator.next() }
        #expect(try iterator.next() == nil)
      }
    }
  }

  @Test func serialMapsRunOneAtATimeInOrder() throws {
    let seen = Monitor<[Int]>([])
    let running = Atomic<Int>(0)
    let dataset = try Dataset(Array(0..<64)).map(parallel: false) { element in
      #expect(running.wrappingAdd(1, ordering: .relaxed).oldValue == 0)
      seen.withLock { $0.append(element) }
      running.wrappingSubtract(1, ordering: .relaxed)
      return element
    }.map { $0 }.batch(16)
    _ = try dataset.elements()
    #expect(seen.withLock { $0 } == Array(0..<64))
  }

  @Test func firstMakesOneElementOnly() throws {
    let made = Atomic<Int>(0)
    let dataset = try Dataset(Array(0..<64)).map { element in
      made.wrappingAdd(1, ordering: .relaxed)
      return element
    }.cache().shuffle(64, seed: 3)
    #expect(try dataset.first() == dataset.makeIterator(epoch: 0).next())
    #expect(made.load(ordering: .relaxed) < 64)
  }
}
