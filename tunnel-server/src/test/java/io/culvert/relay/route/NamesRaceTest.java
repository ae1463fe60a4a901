package io.culvert.relay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.culvert.frame.ErrorCode;
import io.culvert.relay.route.Agents.Away;
import io.culvert.relay.route.Agents.Found;
import io.culvert.relay.route.FakeAgents.FakeConnection;
import io.culvert.relay.route.Names.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Agents that come and go at the same moment. */
class NamesRaceTest {
  private static final int ROUNDS = 300;
  private static final int AT_ONCE = 4;

  private final ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  private <T> List<T> atOnce(List<Callable<T>> calls) throws Exception {
    CyclicBarrier start = new CyclicBarrier(calls.size());
    List<Future<T>> running = new ArrayList<>();
    for (Callable<T> call : calls) {
      running.add(
          threads.submit(
              () -> {
                start.await(30, TimeUnit.SECONDS);
                return call.call();
              }));
    }
    List<T> results = new ArrayList<>();
    for (Future<T> result : running) {
      results.add(result.get(30, TimeUnit.SECONDS));
    }
    return results;
  }

  @Test
  void ofManyIdentitiesOneHasTheName() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Names names = new Names(10, Runnable::run, System::nanoTime);
      List<Callable<Verdict>> joins = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        Agent agent = new Agent(FakeAgents.claim("pets", "1", "id" + i), new FakeConnection());
        joins.add(() -> names.join(agent));
      }
      List<Verdict> verdicts = atOnce(joins);
      assertEquals(1, verdicts.stream().filter(v -> v == Verdict.WELCOME).count());
      assertEquals(1, names.all().size());
    }
  }

  @Test
  void ofManyWithTheSameIdTheLastStaysAndAllOthersHearOfIt() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Names names = new Names(1, Runnable::run, System::nanoTime);
      List<FakeConnection> connections = new ArrayList<>();
      List<Callable<Verdict>> joins = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        FakeConnection connection = new FakeConnection();
        connections.add(connection);
        Agent agent = new Agent(FakeAgents.claim("pets", "1", "ann"), connection);
        joins.add(
            () -> {
              Verdict verdict = names.join(agent);
              if (agent.ended()) {
                names.leave(agent); // as its connection's end does
              }
              return verdict;
            });
      }
      atOnce(joins);
      List<FakeConnection> alive = connections.stream().filter(c -> c.closed == null).toList();
      assertEquals(1, alive.size());
      for (FakeConnection connection : connections) {
        boolean replaced = connection.closed == ErrorCode.REPLACED;
        assertEquals(connection != alive.get(0), replaced);
        assertEquals(replaced ? 1 : 0, connection.closes.get());
      }
      Found found = assertInstanceOf(Found.class, names.choose("pets", Set.of()));
      assertSame(names.all().get(0), found.agent());
    }
  }

  @Test
  void nobodyWaitsForAnAgentThatIsThere() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Names names = new Names(10, Runnable::run, System::nanoTime);
      Agent agent = new Agent(FakeAgents.claim("pets", "1", "ann"), new FakeConnection());
      boolean[] told = new boolean[1];
      Callable<Boolean> wait =
          () -> {
            names.whenChanged("pets", () -> told[0] = true);
            return names.choose("pets", Set.of()) instanceof Found;
          };
      Callable<Boolean> join = () -> names.join(agent) == Verdict.WELCOME;
      List<Boolean> seen = atOnce(List.of(wait, join));
      assertEquals(true, seen.get(0) || told[0]);
    }
  }

  @Test
  void anAgentThatLeavesWhileItIsTakenOverLeavesTheNewOneInPlace() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Names names = new Names(1, Runnable::run, System::nanoTime);
      Agent older = new Agent(FakeAgents.claim("pets", "1", "ann"), new FakeConnection());
      Agent newer = new Agent(FakeAgents.claim("pets", "1", "ann"), new FakeConnection());
      names.join(older);
      Callable<Verdict> leave =
          () -> {
            names.leave(older);
            return Verdict.WELCOME;
          };
      assertEquals(
          List.of(Verdict.WELCOME, Verdict.WELCOME),
          atOnce(List.of(leave, () -> names.join(newer))));
      assertEquals(List.of(newer), names.all());
      names.leave(newer);
      assertInstanceOf(Away.class, names.choose("pets", Set.of()));
    }
  }
}
