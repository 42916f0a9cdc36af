-- The schema and functions that PostgreSQL is measured with: a ledger's transfers with idempotent ids and checked
-- balances. What favours PostgreSQL is kept: ids of two bigints instead of numeric, one index a table, room on each
-- page for new versions of hot rows, no foreign keys.

create table accounts (
  id bigint primary key,
  ledger int not null,
  code smallint not null,
  flags int not null default 0,  -- 1: debits must not exceed credits
  debits_posted bigint not null default 0,
  credits_posted bigint not null default 0,
  check (flags & 1 = 0 or debits_posted <= credits_posted)
) with (fillfactor = 50);

create table transfers (
  id_high bigint not null,
  id_low bigint not null,
  debit_account bigint not null,
  credit_account bigint not null,
  amount bigint not null,
  ledger int not null,
  code smallint not null,
  result smallint not null,
  created timestamptz not null default clock_timestamp(),
  primary key (id_high, id_low)
);

-- 0: created, also when the same transfer was created before. 1: the id is in use for another transfer. 2: the two
-- accounts or the amount are wrong. 3: an account is not there, is of another ledger, or would be overdrawn; the
-- refusal is kept under its id.
create function transfer(p_high bigint, p_low bigint, p_debit bigint, p_credit bigint, p_amount bigint, p_ledger int,
                         p_code smallint) returns smallint language plpgsql as $$
declare
  before transfers%rowtype;
  done boolean;
begin
  if p_debit = p_credit or p_amount <= 0 then
    return 2;
  end if;
  insert into transfers values (p_high, p_low, p_debit, p_credit, p_amount, p_ledger, p_code, 0) on conflict do nothing;
  if not found then
    select * into before from transfers where id_high = p_high and id_low = p_low;
    if (before.debit_account, before.credit_account, before.amount, before.ledger, before.code)
       = (p_debit, p_credit, p_amount, p_ledger, p_code) then
      return before.result;
    end if;
    return 1;
  end if;
  -- Rows are locked in the order of their ids, so that no two transfers wait for one another.
  if p_credit < p_debit then
    perform 1 from accounts where id = p_credit for no key update;
  end if;
  update accounts set debits_posted = debits_posted + p_amount
    where id = p_debit and ledger = p_ledger
      and (flags & 1 = 0 or debits_posted + p_amount <= credits_posted);
  done := found;
  if done then
    update accounts set credits_posted = credits_posted + p_amount where id = p_credit and ledger = p_ledger;
    done := found;
    if not done then
      update accounts set debits_posted = debits_posted - p_amount where id = p_debit;
    end if;
  end if;
  if not done then
    update transfers set result = 3 where id_high = p_high and id_low = p_low;
    return 3;
  end if;
  return 0;
end $$;

-- The same for a set: transfers of which the ids are new are created, balances move once an account, and a refusal
-- refuses all. The rows are made here, so nothing of them is sent or parsed.
create function transfer_batch(p_high bigint, p_first bigint, p_count int, p_accounts bigint) returns int
language plpgsql as $$
declare
  created int;
begin
  with rows as (
    select i, 1 + floor(random() * p_accounts)::bigint as debit, 1 + floor(random() * (p_accounts - 1))::bigint as step
      from generate_series(p_first, p_first + p_count - 1) as i
  ), inserted as (
    insert into transfers
      select p_high, i, debit, 1 + (debit + step - 1) % p_accounts, 1, 1, 1, 0 from rows
      on conflict do nothing
      returning debit_account, credit_account, amount
  ), sums as (
    select account, sum(debit)::bigint as debit, sum(credit)::bigint as credit, sum(rows)::bigint as rows from (
      select debit_account as account, amount as debit, 0 as credit, 1 as rows from inserted
      union all
      select credit_account, 0, amount, 0 from inserted) as both_sides
      group by account
  ), moved as (
    update accounts set debits_posted = debits_posted + sums.debit, credits_posted = credits_posted + sums.credit
      from sums where accounts.id = sums.account and accounts.ledger = 1
      returning sums.rows
  )
  select sum(rows) into created from moved;
  return created;
end $$;
