package io.culvert.relay;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Who listens to the requests of which agent. Thread-safe. */
final class RequestFeeds {
  /** Feeds of one agent at once, so that what waits for it is bounded. */
  static final int MAX_PER_AGENT = 4;

  /** By the agent's connection. */
  private final Map<String, List<RequestFeed>> feeds = new ConcurrentHashMap<>();

  private volatile boolean over;

  /** Begins to tell the feed; false if the agent has as many as it may. */
  boolean add(String connectionId, RequestFeed feed) {
    boolean[] added = new boolean[1];
    feeds.compute(
        connectionId,
        (id, there) -> {
          List<RequestFeed> list = there == null ? new CopyOnWriteArrayList<>() : there;
          added[0] = list.size() < MAX_PER_AGENT && list.add(feed);
          return list;
        });
    if (over) {
      feed.end();
    }
    return added[0];
  }

  /** Tells the feed nothing more. */
  void remove(String connectionId, RequestFeed feed) {
    feeds.computeIfPresent(
        connectionId,
        (id, there) -> {
          there.remove(feed);
          return there.isEmpty() ? null : there;
        });
  }

  void publish(RequestRecord request) {
    feeds.getOrDefault(request.connectionId(), List.of()).forEach(feed -> feed.add(request));
  }

  /** Ends all feeds, those too that come later. */
  void end() {
    over = true;
    feeds.values().forEach(list -> list.forEach(RequestFeed::end));
  }
}
