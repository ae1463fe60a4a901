package io.culvert.demo;

/**
 * The bounds of a pet store. A request refused because of one gets a problem that carries its name
 * and value.
 *
 * @param maxPets how many pets there may be
 * @param maxOrders how many open orders there may be
 * @param maxJsonBytes the largest JSON body, in bytes
 * @param maxPhotoBytes the largest photo, in bytes
 * @param maxTotalPhotoBytes all photos together, in bytes
 * @param maxReaders how many readers may follow the feed of changes at a time
 * @param maxReaderBytes how far, in bytes of events, a reader of the feed may fall behind before it
 *     is disconnected
 * @param maxHistoryBytes how many bytes of past events are kept for readers that come back; at most
 *     {@code maxReaderBytes}, because all of them may be queued for one reader
 */
record Limits(
    int maxPets,
    int maxOrders,
    int maxJsonBytes,
    int maxPhotoBytes,
    long maxTotalPhotoBytes,
    int maxReaders,
    int maxReaderBytes,
    int maxHistoryBytes) {

  static final Limits DEFAULT =
      new Limits(
          10_000,
          10_000,
          64 * 1024,
          8 * 1024 * 1024,
          64L * 1024 * 1024,
          1_000,
          512 * 1024,
          256 * 1024);

  Limits {
    if (maxHistoryBytes > maxReaderBytes) {
      throw new IllegalArgumentException(
          "maxHistoryBytes is " + maxHistoryBytes + ", more than maxReaderBytes " + maxReaderBytes);
    }
  }
}
