package io.culvert.demo;

import static io.culvert.demo.PetStoreServer.pet;
import static io.culvert.demo.PetStoreServer.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.demo.client.model.PetData;
import io.culvert.demo.client.model.PetEvent;
import io.culvert.demo.client.model.PetPatch;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import okhttp3.Call;
import okhttp3.Response;
import okio.BufferedSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class PetEventsTest {
  private PetStoreServer store;

  @BeforeEach
  void start() throws Exception {
    store = new PetStoreServer();
  }

  @AfterEach
  void stop() {
    store.close();
  }

  @Test
  void eachEventArrivesBeforeTheNextChangeIsMade(@TempDir Path directory) throws Exception {
    File photo = Files.write(directory.resolve("photo.png"), new byte[] {1, 2, 3}).toFile();
    try (Feed feed = new Feed(null)) {
      long id = store.pets.createPet(pet("Mia")).getId();
      feed.expect(1, "created", id, "Mia");
      store.pets.patchPet(id, new PetPatch().name("Tom"), null);
      feed.expect(2, "updated", id, "Tom");
      store.pets.uploadPhoto(id, photo);
      assertTrue(feed.expect(3, "photo", id, "Tom").getPet().getHasPhoto());
      store.pets.deletePet(id, null);
      feed.expect(4, "deleted", id, null);
      for (int i = 0; i < 200; i++) {
        long next = store.pets.createPet(pet("pet " + i)).getId();
        feed.expect(5 + i, "created", next, "pet " + i);
      }
    }
  }

  @Test
  void everyReaderSeesEveryEvent() throws Exception {
    List<Feed> feeds = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      feeds.add(new Feed(null));
    }
    assertEquals(5, store.service.getHealth().getReaders());
    long id = store.pets.createPet(pet("Mia")).getId();
    for (Feed feed : feeds) {
      feed.expect(1, "created", id, "Mia");
      feed.close();
    }
  }

  @Test
  void readerThatComesBackReceivesWhatItMissed() throws Exception {
    for (int i = 1; i <= 5; i++) {
      store.pets.createPet(pet("pet " + i));
    }
    try (Feed feed = new Feed(2L)) {
      for (int i = 3; i <= 5; i++) {
        feed.expect(i, "created", i, "pet " + i);
      }
      store.pets.createPet(pet("pet 6"));
      feed.expect(6, "created", 6, "pet 6");
    }
  }

  @Test
  void historyIsBounded() throws Exception {
    Limits small = new Limits(100, 1, 10_000, 1, 1, 1, 1000, 1000);
    try (PetStoreServer server = new PetStoreServer(small)) {
      for (int i = 1; i <= 50; i++) {
        server.pets.createPet(pet("pet " + i));
      }
      Call call = server.pets.streamPetEventsCall(0L, 1, null);
      try (Response response = call.execute()) {
        long first = Feed.next(response.body().source()).getId();
        assertTrue(first > 40, "the history of 1000 bytes began with event " + first);
      }
    }
  }

  @Test
  void feedEndsAfterAsManyEventsAsAskedFor() throws Exception {
    for (int i = 1; i <= 5; i++) {
      store.pets.createPet(pet("pet " + i));
    }
    String text = store.pets.streamPetEvents(0L, 3);
    assertTrue(text.startsWith("id: 1\nevent: created\ndata: {"), text);
    assertTrue(text.endsWith("}\n\n"), text);
    assertEquals(3, text.split("\n\n").length);
    assertEquals(0, store.service.getHealth().getReaders());
  }

  @Test
  void readerThatLeavesIsForgotten() throws Exception {
    long id = store.pets.createPet(pet("Mia")).getId();
    Feed feed = new Feed(null);
    assertEquals(1, store.service.getHealth().getReaders());
    feed.call.cancel();
    // HTTP/1.1 notices at a write that nobody reads, so there must be something to write.
    while (store.service.getHealth().getReaders() > 0) {
      store.pets.patchPet(id, new PetPatch().name("Tom"), null);
    }
    feed.close();
    try (Feed next = new Feed(null)) {
      assertEquals(1, store.service.getHealth().getReaders());
      assertEquals(200, next.response.code());
    }
  }

  @Test
  void destroyEndsEveryFeedInOrder() throws Exception {
    try (Feed first = new Feed(null);
        Feed second = new Feed(null)) {
      long id = store.pets.createPet(pet("Mia")).getId();
      store.servlet.destroy();
      for (Feed feed : List.of(first, second)) {
        feed.expect(1, "created", id, "Mia");
        assertTrue(feed.source.exhausted());
      }
      problem(503, store.pets.streamPetEventsCall(null, null, null).execute());
    }
  }

  @Test
  void readersAreBounded() throws Exception {
    Limits small = new Limits(100, 1, 10_000, 1, 1, 1, 1000, 1000);
    try (PetStoreServer server = new PetStoreServer(small);
        Response first = server.pets.streamPetEventsCall(null, null, null).execute()) {
      assertEquals(200, first.code());
      Response second = server.pets.streamPetEventsCall(null, null, null).execute();
      assertEquals("maxReaders", problem(503, second).getLimit().getName());
    }
  }

  /**
   * 20 tags of 40 characters of four bytes make events of more than 3 KB, so sockets are full soon.
   */
  @Test
  void readerThatFallsBehindIsEndedAndDisturbsNobody() throws Exception {
    List<String> tags = new ArrayList<>();
    for (int i = 10; i < 30; i++) {
      tags.add(i + "\uD83D\uDC08".repeat(38));
    }
    PetData large = pet("Mia").tags(tags);
    long id = store.pets.createPet(large).getId();
    int changes = 4_000;
    try (Socket slow = new Socket();
        Feed quick = new Feed(null)) {
      slow.setReceiveBufferSize(4096);
      slow.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), store.port()));
      slow.setSoTimeout(60_000);
      String request = "GET /pets/events HTTP/1.0\r\nHost: x\r\n\r\n";
      slow.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(slow.getInputStream(), StandardCharsets.UTF_8), 4096);
      assertTrue(in.readLine().contains("200"));
      for (int i = 0; i < changes; i++) {
        store.pets.replacePet(id, large, null);
        quick.expect(i + 2, "updated", id, "Mia");
      }
      List<Long> seen = new ArrayList<>();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.startsWith("id: ")) {
          seen.add(Long.valueOf(line.substring(4)));
        }
      }
      assertTrue(seen.size() < changes, "saw all " + seen.size());
      assertEquals(LongStream.range(2, 2 + seen.size()).boxed().toList(), seen);
    }
  }

  @Test
  void changesMadeAtOnceAppearInTheOrderTheyWereMade() throws Exception {
    long id = store.pets.createPet(pet("Mia").priceCents(0L)).getId();
    try (Feed feed = new Feed(null)) {
      List<Thread> callers = new ArrayList<>();
      List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
      for (int caller = 0; caller < 4; caller++) {
        long base = caller * 100L;
        Thread thread =
            new Thread(
                () -> {
                  try {
                    for (int i = 0; i < 50; i++) {
                      store.pets.patchPet(id, new PetPatch().priceCents(base + i), null);
                    }
                  } catch (Exception | AssertionError e) {
                    failures.add(e);
                  }
                },
                "caller-" + caller);
        callers.add(thread);
        thread.start();
      }
      PetEvent last = null;
      for (int i = 0; i < 200; i++) {
        last = feed.expect(i + 2, "updated", id, "Mia");
      }
      for (Thread caller : callers) {
        caller.join();
      }
      assertEquals(List.of(), failures);
      assertEquals(store.pets.getPet(id, null), last.getPet());
    }
  }

  /** A feed read with the generated client's own call and plain OkHttp. */
  private final class Feed implements AutoCloseable {
    final Call call;
    final Response response;
    final BufferedSource source;

    Feed(Long lastSeen) throws Exception {
      call = store.pets.streamPetEventsCall(lastSeen, null, null);
      response = call.execute();
      assertEquals("text/event-stream", response.header("Content-Type").split(";", 2)[0]);
      source = response.body().source();
    }

    PetEvent expect(long id, String type, long petId, String name) throws IOException {
      PetEvent event = next(source);
      assertEquals(id, event.getId());
      assertEquals(type, event.getType().getValue());
      assertEquals(petId, event.getPetId());
      if (name == null) {
        assertNull(event.getPet());
      } else {
        assertEquals(name, event.getPet().getName());
      }
      return event;
    }

    static PetEvent next(BufferedSource source) throws IOException {
      String id = source.readUtf8LineStrict();
      String type = source.readUtf8LineStrict();
      String data = source.readUtf8LineStrict();
      assertEquals("", source.readUtf8LineStrict());
      PetEvent event = PetEvent.fromJson(data.substring("data: ".length()));
      assertEquals("id: " + event.getId(), id);
      assertEquals("event: " + event.getType().getValue(), type);
      return event;
    }

    @Override
    public void close() {
      // Closing the response alone would first wait for the feed to end.
      call.cancel();
      response.close();
    }
  }
}
